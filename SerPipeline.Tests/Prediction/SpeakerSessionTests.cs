using System.Text;
using SerPipeline.Audio;
using SerPipeline.Prediction;
using SerPipeline.Tests.Support;
using SerPipeline.Trainers;

namespace SerPipeline.Tests.Prediction;

/// <summary>Answers adapt to what came before them, and to nothing else.</summary>
public sealed class SpeakerSessionTests : IDisposable
{
    private const int Least = SpeakerAdaptation.MinimumClips;

    private static readonly EmotionTimelineOptions Windows = new() { WindowSeconds = 1, HopSeconds = 0.4, SilenceDb = -50 };

    private readonly TemporaryFolder _folder = new();
    private readonly SerModel _model;

    public SpeakerSessionTests() => _model = SerModel.Load(TinyModels.Voices(_folder.File("voices.zip")));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_clip_is_answered_by_those_before_it_to_the_last_bit()
    {
        AudioClip[] clips = Voice(13);
        using SpeakerSession speaker = _model.OpenSpeaker();
        foreach ((int i, AudioClip clip) in clips.Index())
        {
            Assert.Equal(i, speaker.SpeakerClips);
            EmotionPrediction said = speaker.Predict(clip), unknown = _model.Predict(clip);
            Assert.Equal((i, 0), (said.SpeakerClips, unknown.SpeakerClips));
            if (i < Least) Assert.Equal(unknown.Scores, said.Scores);
            else
            {
                using SerModel known = _model.ForSpeaker(clips[..i]);
                EmotionPrediction expected = known.Predict(clip);
                Assert.Equal((i, expected.SpeakerClips), (known.SpeakerClips, i));
                Assert.Equal(expected.Scores, said.Scores);
                Assert.True(said.Scores.Zip(unknown.Scores, (a, b) => Math.Abs(a - b)).Max() > 1e-3);
            }
        }
    }

    [Fact]
    public void A_later_clip_changes_no_earlier_answer_and_an_earlier_one_does()
    {
        AudioClip[] clips = Voice(13);
        IReadOnlyList<float>[] Answers(params AudioClip[] order)
        {
            using SpeakerSession speaker = _model.OpenSpeaker();
            return [.. order.Select(clip => speaker.Predict(clip).Scores)];
        }
        IReadOnlyList<float>[] before = Answers(clips);
        AudioClip other = ToneModel.Tone(0, 20, 1, 0.8);
        Assert.Equal(before[..12], Answers([.. clips[..12], other])[..12]);
        Assert.NotEqual(before[12], Answers([other, .. clips[1..]])[12]);
        // In which order they came before does not matter but for rounding.
        Assert.Equal(before[12], Answers([.. clips[..12].Reverse(), clips[12]])[12], (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void What_cannot_be_answered_is_not_heard()
    {
        using SpeakerSession speaker = _model.OpenSpeaker();
        Assert.False(speaker.Predict(new AudioClip(new float[16000], 16000)).IsAnswered);
        Assert.Throws<AudioFormatException>(() => speaker.Predict(new AudioClip([0.1f, float.NaN], 16000)));
        Assert.Throws<FileNotFoundException>(() => speaker.Predict(_folder.File("absent.wav")));
        Assert.Equal(0, speaker.SpeakerClips);
        WavWriter.Write(_folder.File("clip.wav"), Voice(1)[0]);
        Assert.Equal(0, speaker.Predict(_folder.File("clip.wav")).SpeakerClips);
        Assert.Equal(1, speaker.SpeakerClips);
    }

    // The definition, from the windows as clips: one is heard where it begins when the one heard before has ended.
    [Fact]
    public void Windows_are_answered_by_those_that_ended_before_them()
    {
        AudioClip recording = ToneModel.Recording(26, 16000);
        EmotionSegment[] expected = [.. _model.PredictTimeline([recording], Windows)];
        EmotionSegment[] found = Timeline([recording]);
        Assert.Equal(expected.Select(s => (s.Start, s.End, s.IsSilence)), found.Select(s => (s.Start, s.End, s.IsSilence)));
        var heard = new List<(TimeSpan End, AudioClip Clip)>();
        int adapted = 0;
        SerModel? known = null;
        foreach ((EmotionSegment unknown, EmotionSegment said) in expected.Zip(found))
        {
            AudioClip[] before = [.. heard.Where(one => one.End <= said.Start).Select(one => one.Clip)];
            AudioClip window = new([.. recording.Samples[At(said.Start)..At(said.End)]], 16000);
            if (said.Prediction is null) continue;
            Assert.Equal(before.Length, said.Prediction.SpeakerClips);
            if (before.Length < Least || !said.Prediction.IsAnswered) Assert.Equal(unknown.Prediction!.Scores, said.Prediction.Scores);
            else
            {
                if (known?.SpeakerClips != before.Length)
                {
                    known?.Dispose();
                    known = _model.ForSpeaker(before);
                }
                Assert.Equal(known.Predict(window).Scores, said.Prediction.Scores);
                adapted++;
            }
            if (said.Prediction.IsAnswered && before.Length == heard.Count) heard.Add((said.End, window));
        }
        known?.Dispose();
        Assert.True(adapted > 3, $"{adapted} windows were adapted");
        // However the audio comes, and whatever follows.
        string[] printed = [.. found.Select(Print)];
        Assert.Equal(printed, Timeline(Cut(recording, 7001)).Select(Print));
        EmotionSegment[] part = Timeline([new AudioClip([.. recording.Samples[..(20 * 16000)]], 16000)]);
        Assert.Equal(printed[..^1].Take(part.Length - 1), part[..^1].Select(Print));

        EmotionSegment[] Timeline(IEnumerable<AudioClip> blocks)
        {
            using SpeakerSession speaker = _model.OpenSpeaker();
            using EmotionTimeline timeline = speaker.OpenTimeline(16000, options: Windows);
            return [.. blocks.SelectMany(timeline.Push).ToList(), .. timeline.Complete()];
        }

        static int At(TimeSpan time) => (int)Math.Round(time.TotalSeconds * 16000);
    }

    [Fact]
    public void Recordings_go_on_where_the_last_one_ended()
    {
        using SpeakerSession speaker = _model.OpenSpeaker();
        int windows = 0;
        for (int i = 0; i < 2; i++)
        {
            using EmotionTimeline timeline = speaker.OpenTimeline(16000, options: Windows with { HopSeconds = 1 });
            List<EmotionSegment> segments = [.. timeline.Push(ToneModel.Tone(i, 1, 1, 4)), .. timeline.Complete()];
            Assert.Equal(Enumerable.Range(windows, 4), segments.Select(segment => segment.Prediction!.SpeakerClips));
            windows += 4;
            Assert.Equal(windows, speaker.SpeakerClips);
        }
        Assert.Equal(8, speaker.Predict(Voice(1)[0]).SpeakerClips);
    }

    [Fact]
    public void A_long_recording_is_heard_by_its_windows_once_it_is_answered()
    {
        AudioClip minute = ToneModel.Recording(60, 16000), recording = new([.. Enumerable.Repeat(minute.Samples.ToArray(), 6)
            .SelectMany(samples => samples).Take(301 * 16000)], 16000);
        using SpeakerSession speaker = _model.OpenSpeaker();
        EmotionPrediction said = speaker.Predict(recording);
        Assert.Equal(_model.Predict(recording).Scores, said.Scores);
        Assert.Equal(0, said.SpeakerClips);
        Assert.InRange(speaker.SpeakerClips, 50, 101);
    }

    [Fact]
    public void A_long_recording_that_cannot_be_answered_is_not_heard()
    {
        AudioClip minute = ToneModel.Recording(60, 16000);
        float[] samples = [.. Enumerable.Repeat(minute.Samples.ToArray(), 6).SelectMany(one => one).Take(301 * 16000)];
        samples[16000] = 5;
        using SpeakerSession speaker = _model.OpenSpeaker();
        Assert.False(speaker.Predict(new AudioClip(samples, 16000)).IsAnswered);
        Assert.Equal(0, speaker.SpeakerClips);
    }

    [Fact]
    public void A_speaker_is_heard_in_the_channel_that_is_predicted_on()
    {
        AudioClip[] mono = Voice(Least + 1);
        AudioClip[] calls = [.. mono.Select(clip => new AudioClip(
            [.. Both(clip)], clip.SampleRateHz, 2))];
        using SerModel left = SerModel.Load(_folder.File("voices.zip"), new() { Channel = ChannelSelection.Left });
        using SerModel known = left.ForSpeaker(calls[..Least]), expected = _model.ForSpeaker(mono[..Least]);
        Assert.Equal(expected.Predict(mono[Least]).Scores, known.Predict(calls[Least]).Scores);
        using SerModel each = SerModel.Load(_folder.File("voices.zip"), new() { Channel = ChannelSelection.Each });
        Assert.Throws<InvalidOperationException>(() => each.ForSpeaker(calls[..Least]));

        static IEnumerable<float> Both(AudioClip clip) =>
            clip.Samples.ToArray().SelectMany((x, t) => new[] { x, 0.5f * MathF.Sin(0.9f * t) });
    }

    [Fact]
    public void A_timeline_that_is_disposed_is_not_pushed_to()
    {
        SerModel model = SerModel.Load(_folder.File("voices.zip"));
        EmotionTimeline timeline = model.OpenTimeline(16000);
        timeline.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => timeline.Push(new float[16000 * 4]));
        Assert.Throws<ObjectDisposedException>(timeline.Complete);
    }

    [Fact]
    public void It_holds_on_to_its_model_and_refuses_what_it_cannot_do()
    {
        SerModel model = SerModel.Load(_folder.File("voices.zip"));
        using (SpeakerSession speaker = model.OpenSpeaker())
        {
            model.Dispose();
            Assert.True(speaker.Predict(Voice(1)[0]).IsAnswered);
            Assert.Throws<ObjectDisposedException>(model.OpenSpeaker);
        }
        SpeakerSession closed = _model.OpenSpeaker();
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => closed.Predict(Voice(1)[0]));
        using SerModel known = _model.ForSpeaker(Voice(Least));
        Assert.Contains("adapted to 10 clips of a speaker already",
            Assert.Throws<InvalidOperationException>(known.OpenSpeaker).Message, StringComparison.Ordinal);
        using SerModel plain = SerModel.Load(TinyModels.Mlp(_folder.File("plain.zip")));
        foreach (Func<object> adapt in new Func<object>[] { plain.OpenSpeaker, () => plain.ForSpeaker(Voice(Least)) })
            Assert.Contains("plain.zip' was not trained to adapt to a speaker. Train it by a recipe, such as --trainer recipe, or "
                + "with --adapt.", Assert.Throws<ModelFormatException>(() => adapt()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_the_adaptation_that_do_not_fit_are_refused()
    {
        ModelRecord record = ModelRecord.Read(_folder.File("voices.zip"));
        void Refused(string part, string file, string text)
        {
            ModelRecord other = record with
            {
                Attachments = new Dictionary<string, ReadOnlyMemory<byte>>(record.Attachments) { [file] = Encoding.UTF8.GetBytes(text) },
            };
            using MemoryStream zip = ToneModel.Zip(other);
            using SerModel model = SerModel.Load(zip, "odd.zip");
            foreach (Func<object> use in new Func<object>[] { model.OpenSpeaker, () => model.ForSpeaker(Voice(Least)),
                () => OnnxExporter.Export(other) })
                Assert.Contains(part, Assert.Throws<ModelFormatException>(() => use()).Message, StringComparison.Ordinal);
        }
        Refused("adapts column 'Features' of 2 values", "adaptation.json",
            """{"featureColumn":"Features","center":[1,2],"shrinkage":4,"speakers":5,"classMeans":[],"weights":[],"biases":[]}""");
        Refused("adapts column 'Pixels' of 1 values", "adaptation.json",
            """{"featureColumn":"Pixels","center":[1],"shrinkage":4,"speakers":5,"classMeans":[],"weights":[],"biases":[]}""");
        Refused("cannot be read", "adaptation.json",
            """{"featureColumn":"Features","center":[],"shrinkage":4,"speakers":5,"classMeans":[],"weights":[],"biases":[]}""");
        string zeros = string.Join(',', new int[743]);
        Refused("its matrices do not fit", "adaptation.json", $$"""
            {"featureColumn":"Features","center":[{{zeros}}],"shrinkage":4,"speakers":5,
            "classMeans":[[1]],"weights":[[{{zeros}}]],"biases":[0]}
            """);
        Refused("no ONNX model", "adaptation.onnx", "no graph");
    }

    private static AudioClip[] Voice(int clips) =>
        [.. Enumerable.Range(0, clips).Select(i => ToneModel.Tone(i % 3, 9, 50 + i, 0.6 + (0.03 * i)))];

    private static IEnumerable<AudioClip> Cut(AudioClip recording, int samples) =>
        recording.Samples.ToArray().Chunk(samples).Select(piece => new AudioClip(piece, recording.SampleRateHz));

    private static string Print(EmotionSegment s) => $"{s.Start}-{s.End} {s.Prediction?.SpeakerClips} "
        + string.Join(' ', s.Prediction?.Scores.Select(BitConverter.SingleToInt32Bits) ?? []);
}
