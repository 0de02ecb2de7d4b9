namespace SerPipeline.Onnx;

/// <summary>Builds a graph node by node. Names are numbered in order, so that the same calls give the same bytes.</summary>
public sealed class OnnxGraphBuilder
{
    private readonly List<OnnxValueInfo> _inputs = [], _outputs = [];
    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxTensor> _initializers = [];
    private readonly Dictionary<string, OnnxValue> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _root;
    private string _scope;

    /// <summary>Starts an empty graph.</summary>
    public OnnxGraphBuilder() : this("") { }

    // The body of a loop: its names start with that of the loop, so that they are unique.
    private OnnxGraphBuilder(string root) => _root = _scope = root;

    /// <summary>
    /// Prefixes the names of the nodes added until it is disposed, such as by a stage or layer, for viewers of the graph.
    /// </summary>
    /// <param name="name">The name, without '/'.</param>
    /// <returns>Ends the prefix when disposed.</returns>
    public IDisposable Scope(string name)
    {
        string before = _scope;
        _scope = $"{_scope}{name}/";
        return new ScopeEnd(() => _scope = before);
    }

    /// <summary>Adds an input.</summary>
    /// <param name="name">The name of the input.</param>
    /// <param name="type">The type of its elements.</param>
    /// <param name="shape">The dimensions: lengths or names of free ones.</param>
    public OnnxValue Input(string name, OnnxType type, params OnnxDimension[] shape)
    {
        Take(name);
        _inputs.Add(new OnnxValueInfo(name, type, shape));
        return new OnnxValue(this, name, type);
    }

    /// <summary>Adds an input that need not be given.</summary>
    /// <param name="initial">What it is then; name, type and shape are the input's.</param>
    public OnnxValue OptionalInput(OnnxTensor initial)
    {
        OnnxValue value = Weight(initial);
        _inputs.Add(new OnnxValueInfo(initial.Name, initial.Type, [.. initial.Shape.Select(length => (OnnxDimension)length)]));
        return value;
    }

    /// <summary>Makes a tensor an output.</summary>
    /// <param name="name">The output's name.</param>
    /// <param name="value">The tensor.</param>
    /// <param name="shape">The dimensions: lengths or names of free ones.</param>
    public void Output(string name, OnnxValue value, params OnnxDimension[] shape)
    {
        ArgumentNullException.ThrowIfNull(value);
        Take(name);
        _nodes.Add(new OnnxNode("Identity", [value.Name], [name], new Dictionary<string, object>(), name));
        _outputs.Add(new OnnxValueInfo(name, value.Type, shape));
    }

    /// <summary>Adds a weight under its own name.</summary>
    /// <param name="tensor">The weight; its name must be new in the graph.</param>
    public OnnxValue Weight(OnnxTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Take(tensor.Name);
        _initializers.Add(tensor);
        return new OnnxValue(this, tensor.Name, tensor.Type);
    }

    /// <summary>A constant tensor.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <param name="values">The elements, row-major.</param>
    /// <param name="shape">The lengths of its dimensions; one dimension when null.</param>
    public OnnxValue Constant<T>(ReadOnlySpan<T> values, long[]? shape = null) where T : unmanaged =>
        Shared(OnnxTensor.From("constant", shape ?? [values.Length], values));

    /// <summary>A constant tensor of one dimension.</summary>
    /// <param name="values">The elements.</param>
    public OnnxValue Constant(long[] values) => Constant<long>(values.AsSpan());

    /// <summary>A constant tensor of texts, of one dimension.</summary>
    /// <param name="texts">The elements.</param>
    public OnnxValue Constant(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Weight(OnnxTensor.From(Fresh("texts"), [texts.Count], texts));
    }

    /// <summary>A constant of no dimension.</summary>
    /// <param name="number">The number.</param>
    /// <param name="type">Its type: float, double or int64.</param>
    /// <exception cref="ArgumentException">The type is another, or int64 for a number that is not whole.</exception>
    public OnnxValue Scalar(double number, OnnxType type) => Shared(type switch
    {
        OnnxType.Float => OnnxTensor.From("constant", [], [(float)number]),
        OnnxType.Double => OnnxTensor.From("constant", [], [number]),
        OnnxType.Int64 when double.IsInteger(number) => OnnxTensor.From("constant", [], [checked((long)number)]),
        OnnxType.Int64 => throw new ArgumentException(FormattableString.Invariant($"An int64 cannot be {number}."), nameof(number)),
        _ => throw new ArgumentException($"Expected Float, Double or Int64, got {type}.", nameof(type)),
    });

    /// <summary>0, 1, ... below a limit, int64 [n].</summary>
    /// <param name="limit">int64 of no dimension.</param>
    public OnnxValue Range(OnnxValue limit) =>
        Node("Range", [Scalar(0, OnnxType.Int64), limit, Scalar(1, OnnxType.Int64)], type: OnnxType.Int64);

    /// <summary>Tensors put together along a dimension.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="values">The tensors.</param>
    public OnnxValue Concat(long axis, params OnnxValue[] values) => Node("Concat", values, [("axis", axis)]);

    /// <summary>Adds an operator of one output.</summary>
    /// <param name="operation">The operator's ONNX name.</param>
    /// <param name="inputs">The inputs; null for an omitted optional input.</param>
    /// <param name="attributes">The attributes, see <see cref="OnnxNode.Attributes"/>.</param>
    /// <param name="type">The type of the output's elements; that of the first input when null.</param>
    public OnnxValue Node(string operation, IReadOnlyList<OnnxValue?> inputs, (string Name, object Value)[]? attributes = null,
        OnnxType? type = null) =>
        Nodes(operation, inputs, 1, attributes, [type ?? inputs[0]!.Type])[0];

    /// <summary>Adds an operator of several outputs.</summary>
    /// <param name="operation">The operator's ONNX name.</param>
    /// <param name="inputs">The inputs; null for an omitted optional input.</param>
    /// <param name="outputs">How many outputs there are.</param>
    /// <param name="attributes">The attributes, see <see cref="OnnxNode.Attributes"/>.</param>
    /// <param name="types">The type of each output's elements.</param>
    public IReadOnlyList<OnnxValue> Nodes(
        string operation, IReadOnlyList<OnnxValue?> inputs, int outputs, (string Name, object Value)[]? attributes,
        IReadOnlyList<OnnxType> types)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(types);
        if (inputs.Any(i => i is not null && i.Graph != this))
            throw new ArgumentException($"An input of {operation} belongs to another graph.", nameof(inputs));
        string name = Fresh(operation);
        string[] results = [name, .. Enumerable.Range(1, outputs - 1).Select(i => Fresh(operation))];
        _nodes.Add(new OnnxNode(operation, [.. inputs.Select(i => i?.Name ?? "")], results,
            (attributes ?? []).ToDictionary(a => a.Name, a => a.Value), name));
        return [.. results.Select((result, i) => new OnnxValue(this, result, types[i]))];
    }

    /// <summary>ONNX's Scan: goes through tensors along one dimension and carries states from step to step.</summary>
    /// <param name="states">The states before the first step.</param>
    /// <param name="sequences">The tensors.</param>
    /// <param name="axis">The dimension.</param>
    /// <param name="shape">What a state, and a sequence without that dimension, has as its shape.</param>
    /// <param name="step">Given the states and each sequence's part, adds the nodes of one step and returns the new states, and behind them
    /// what is to be kept of the step. It sees nothing of the graph around it.</param>
    /// <returns>The states after the last step, and behind them what was kept of all steps, put together along the dimension.</returns>
    public IReadOnlyList<OnnxValue> Scan(
        IReadOnlyList<OnnxValue> states, IReadOnlyList<OnnxValue> sequences, long axis, OnnxDimension[] shape,
        Func<IReadOnlyList<OnnxValue>, IReadOnlyList<OnnxValue>, IReadOnlyList<OnnxValue>> step)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(step);
        var body = new OnnxGraphBuilder($"{Fresh("ScanBody")}/");
        OnnxValue[] before = [.. states.Select((s, i) => body.Input($"{body._root}state{i}", s.Type, shape))];
        OnnxValue[] parts = [.. sequences.Select((s, i) => body.Input($"{body._root}part{i}", s.Type, shape))];
        IReadOnlyList<OnnxValue> after = step(before, parts);
        if (!after.Take(states.Count).Select(s => s.Type).SequenceEqual(states.Select(s => s.Type)))
            throw new ArgumentException("A step must return states of the types it was given.", nameof(step));
        for (int i = 0; i < after.Count; i++) body.Output($"{body._root}next{i}", after[i], shape);
        int kept = after.Count - states.Count;
        (string, object)[] attributes =
        [
            ("body", body.Build(body._root.TrimEnd('/'))), ("num_scan_inputs", (long)sequences.Count),
            ("scan_input_axes", Enumerable.Repeat(axis, sequences.Count).ToArray()),
            // ONNX does not allow an empty list.
            .. kept > 0 ? [("scan_output_axes", (object)Enumerable.Repeat(axis, kept).ToArray())] : Array.Empty<(string, object)>(),
        ];
        return Nodes("Scan", [.. states, .. sequences], after.Count, attributes, [.. after.Select(s => s.Type)]);
    }

    /// <summary>Adds another graph's nodes and weights, under names of its own in the current scope.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">What takes the place of its inputs, in their order.</param>
    /// <returns>Its outputs, in their order.</returns>
    internal IReadOnlyList<OnnxValue> Inline(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        OnnxGraph renamed = Renamed(graph, inputs, null);
        _nodes.AddRange(renamed.Nodes);
        return [.. renamed.Outputs.Select(output => new OnnxValue(this, output.Name, output.Type))];
    }

    /// <summary>ONNX's If: one of two other graphs; the other is not computed. Weights that both have stand here once.</summary>
    /// <param name="condition">bool of one element.</param>
    /// <param name="then">The graph where it is true.</param>
    /// <param name="otherwise">The other one, of as many outputs of the same types.</param>
    /// <returns>The outputs, in their order.</returns>
    internal IReadOnlyList<OnnxValue> If(OnnxValue condition, (OnnxGraph Graph, IReadOnlyList<OnnxValue> Inputs) then,
        (OnnxGraph Graph, IReadOnlyList<OnnxValue> Inputs) otherwise)
    {
        var weights = new Dictionary<string, string>(StringComparer.Ordinal);
        // Branches see the names around them, so that weights need not be theirs.
        (string, object)[] attributes =
        [
            ("then_branch", Renamed(then.Graph, then.Inputs, weights)),
            ("else_branch", Renamed(otherwise.Graph, otherwise.Inputs, weights)),
        ];
        return Nodes("If", [condition], then.Graph.Outputs.Count, attributes, [.. then.Graph.Outputs.Select(output => output.Type)]);
    }

    // A graph that sees this one: its names are new here, its inputs names of this graph, and its weights are added to this graph, but
    // for those that are in a given list.
    private OnnxGraph Renamed(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs, Dictionary<string, string>? weights)
    {
        string prefix = $"{Fresh("Graph")}/";
        Dictionary<string, string> given = graph.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => pair.Second.Name,
            StringComparer.Ordinal);
        string New(string name) => name.Length == 0 ? name : given.GetValueOrDefault(name) ?? prefix + name;
        foreach (OnnxTensor tensor in graph.Initializers)
        {
            if (tensor.Type == OnnxType.String) Weight(OnnxTensor.From(New(tensor.Name), tensor.Shape, tensor.Texts));
            else if (weights?.TryGetValue(ContentOf(tensor), out string? known) == true) given[tensor.Name] = known;
            else
            {
                Weight(OnnxTensor.Raw(New(tensor.Name), tensor.Type, tensor.Shape, tensor.Bytes));
                if (weights is not null) weights[ContentOf(tensor)] = New(tensor.Name);
            }
        }
        var nodes = new List<OnnxNode>();
        foreach (OnnxNode node in graph.Nodes)
        {
            // A body's names would have to be renamed too, and none of the graphs that come here has one.
            if (node.Attributes.Values.OfType<OnnxGraph>().Any())
                throw new ArgumentException($"Node '{node.Name}' holds a graph of its own.", nameof(graph));
            foreach (string output in node.Outputs) Take(New(output));
            nodes.Add(node with
            {
                Name = prefix + node.Name,
                Inputs = [.. node.Inputs.Select(New)],
                Outputs = [.. node.Outputs.Select(New)]
            });
        }
        return new OnnxGraph(prefix.TrimEnd('/'), [], [.. graph.Outputs.Select(output => output with { Name = New(output.Name) })], nodes,
            []);
    }

    /// <summary>The graph as it stands.</summary>
    /// <param name="name">Its name.</param>
    public OnnxGraph Build(string name) => new(name, [.. _inputs], [.. _outputs], [.. _nodes], [.. _initializers]);

    private OnnxValue Shared(OnnxTensor tensor)
    {
        string key = ContentOf(tensor);
        if (_constants.TryGetValue(key, out OnnxValue? known)) return known;
        string before = _scope;
        // Outside of any scope: several stages may use it.
        _scope = _root;
        OnnxValue value = Weight(OnnxTensor.Raw(Fresh("constant"), tensor.Type, tensor.Shape, tensor.Bytes));
        _scope = before;
        return _constants[key] = value;
    }

    private static string ContentOf(OnnxTensor tensor) => $"{tensor.Type} {string.Join(',', tensor.Shape)} "
        + $"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(tensor.Bytes.Span))}";

    private string Fresh(string kind)
    {
        for (int i = _names.Count; ; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{_scope}{kind}_{i}");
            if (!_names.Contains(name))
            {
                // An initializer is taken under its name only when it is added.
                if (kind is not ("constant" or "texts")) _names.Add(name);
                return name;
            }
        }
    }

    private void Take(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_names.Add(name)) throw new ArgumentException($"The graph has a tensor '{name}' already.", nameof(name));
    }

    private sealed class ScopeEnd(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
