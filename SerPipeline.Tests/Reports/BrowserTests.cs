using System.Text;
using System.Text.RegularExpressions;
using PuppeteerSharp;
using PuppeteerSharp.Media;
using SerPipeline.Reports;
using SerPipeline.Tests.Support;

namespace SerPipeline.Tests.Reports;

/// <summary>The report as Chromium shows it: nothing loaded, nothing cut, everything legible, sounds that play.</summary>
public sealed class BrowserTests
{
    // Text of at least this contrast to its ground is legible (WCAG 2.2, level AA, criterion 1.4.3).
    private const double LeastContrast = 4.5;

    // A4 less margins of 15 mm, in CSS pixels of 1/96 inch.
    private const int PrintWidth = 680, PrintHeight = 1009;

    [Theory]
    [InlineData(1, 5)]
    [InlineData(24, 24)]
    public async Task A_report_is_legible_on_every_screen_and_on_paper(int folds, int speakers)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("report.html");
        HtmlReport.Write(path, ReportSamples.Full(folder.Path, folds, speakers));
        await using IBrowser browser = await Chromium.StartAsync(folder.File("profile"));
        await using IPage page = await browser.NewPageAsync();
        var trouble = new List<string>();
        page.Console += (_, e) => trouble.Add($"console: {e.Message.Text}");
        page.PageError += (_, e) => trouble.Add($"error: {e.Message}");
        page.Request += (_, e) =>
        {
            if (!e.Request.Url.StartsWith("data:", StringComparison.Ordinal) && e.Request.Url != new Uri(path).AbsoluteUri)
                trouble.Add($"request: {e.Request.Url}");
        };
        await page.GoToAsync(new Uri(path).AbsoluteUri, new NavigationOptions { WaitUntil = [WaitUntilNavigation.Load] });

        // 1. Screens, wide and narrow, light and dark.
        foreach (string scheme in (string[])["light", "dark"])
        {
            await page.EmulateMediaFeaturesAsync(
                [new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme }]);
            foreach (int width in (int[])[1280, 390])
            {
                await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
                Assert.Equal(width, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
                Assert.Empty(await page.EvaluateFunctionAsync<string[]>(CutOff, width));
                Assert.Empty(await page.EvaluateFunctionAsync<string[]>(Squeezed));
                await Keep(page, $"{folds}-{scheme}-{width}");
            }
            Contrast[] texts = await page.EvaluateFunctionAsync<Contrast[]>(Contrasts);
            Assert.True(texts.Length > 100, $"only {texts.Length} texts seen");
            Assert.Empty(texts.Where(t => t.Ratio < LeastContrast).Select(t => $"{scheme}: '{t.Text}' {t.Ratio:0.0}"));
            double ground = await page.EvaluateFunctionAsync<double>(
                "() => +getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]");
            Assert.True(scheme == "dark" ? ground < 60 : ground > 200, $"the page's red is {ground} in {scheme}");
        }

        // 2. Sound.
        double[] seconds = await page.EvaluateFunctionAsync<double[]>(Durations);
        Assert.Equal(4, seconds.Length);
        Assert.All(seconds, s => Assert.Equal(2, s, 0.001));

        // 3. Paper.
        await page.EmulateMediaFeaturesAsync([]);
        await page.EmulateMediaTypeAsync(MediaType.Print);
        await page.SetViewportAsync(new ViewPortOptions { Width = PrintWidth, Height = PrintHeight });
        Assert.Empty(await page.EvaluateFunctionAsync<string[]>(CutOff, PrintWidth));
        Assert.Empty(await page.EvaluateFunctionAsync<string[]>(TallerThan, PrintHeight));
        Assert.Empty(await page.EvaluateFunctionAsync<string[]>(Squeezed));
        Assert.Equal(0, await page.EvaluateExpressionAsync<int>(
            "[...document.querySelectorAll('audio')].filter(a => a.getClientRects().length > 0).length"));
        await Keep(page, $"{folds}-print");
        byte[] pdf = await page.PdfDataAsync(new PdfOptions { Format = PaperFormat.A4, PreferCSSPageSize = true, PrintBackground = true });
        Assert.StartsWith("%PDF-", Encoding.ASCII.GetString(pdf, 0, 5), StringComparison.Ordinal);
        Assert.InRange(Regex.Count(Encoding.Latin1.GetString(pdf), @"/Type\s*/Page\b"), 3, 30);
        Assert.Empty(trouble);
    }

    /// <summary>
    /// Elements of text and figures that end beyond the page's width and lie in nothing that scrolls: in print, nothing scrolls.
    /// </summary>
    private const string CutOff = """
        width => {
          const scrolls = e => {
            for (let p = e; p && p !== document.body; p = p.parentElement)
              if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true;
            return false;
          };
          return [...document.querySelectorAll('main *, header *')].filter(e => !e.closest('svg') || e.localName === 'svg')
            .map(e => ({ e, b: e.getBoundingClientRect() }))
            .filter(({ e, b }) => b.width > 0 && (b.right > width + 0.5 || b.left < -0.5) && !scrolls(e))
            .map(({ e, b }) => `${e.localName}.${e.className.baseVal ?? e.className} ends at ${b.right}: ${e.textContent.slice(0, 40)}`);
        }
        """;

    private const string TallerThan = """
        height => [...document.querySelectorAll('figure, .tile, .notice, tr')].filter(e => e.getBoundingClientRect().height > height)
          .map(e => `${e.localName}.${e.className} is ${e.getBoundingClientRect().height} high`)
        """;

    /// <summary>Cells of more than a few words whose column is so narrow that words break.</summary>
    private const string Squeezed = """
        () => [...document.querySelectorAll('th, td')]
          .filter(e => e.getClientRects().length > 0 && e.textContent.length > 24 && e.getBoundingClientRect().width < 100)
          .map(e => `${e.getBoundingClientRect().width} wide: ${e.textContent.slice(0, 40)}`)
        """;

    /// <summary>The contrast of each text to the nearest ground behind it; in figures, of the theme's inks to its paper.</summary>
    private const string Contrasts = """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgba = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const light = c => {
            const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ratio = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
          const ground = e => {
            for (let p = e; p; p = p.parentElement) {
              const c = rgba(getComputedStyle(p).backgroundColor);
              if (c[3] === 255) return c;
            }
            return [255, 255, 255];
          };
          const seen = [];
          for (const e of document.querySelectorAll('body *')) {
            if (e.getClientRects().length === 0) continue;
            const svg = e.closest('svg');
            if (!svg && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
              seen.push({ text: e.textContent.slice(0, 40), ratio: ratio(rgba(getComputedStyle(e).color), ground(e)) });
            if (svg && e.localName === 'text' && /ser-(ink|muted)-f/.test(e.getAttribute('class') ?? ''))
              seen.push({
                text: e.textContent.slice(0, 40),
                ratio: ratio(rgba(getComputedStyle(e).fill), rgba(getComputedStyle(svg.querySelector('.ser-paper-f')).fill)),
              });
          }
          return seen;
        }
        """;

    private const string Durations = """
        () => Promise.all([...document.querySelectorAll('audio')].map(a => new Promise((done, fail) => {
          if (a.readyState >= 1) done(a.duration);
          a.addEventListener('loadedmetadata', () => done(a.duration));
          a.addEventListener('error', () => fail(new Error(a.error?.message)));
        })))
        """;

    /// <summary>Keeps a picture of the page for people to look at, where the variable SER_REPORT_PICTURES names a folder.</summary>
    private static async Task Keep(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SER_REPORT_PICTURES") is not { Length: > 0 } folder) return;
        await page.ScreenshotAsync(Path.Combine(folder, $"{name}.png"), new ScreenshotOptions { FullPage = true });
    }

    private sealed record Contrast(string Text, double Ratio);
}
