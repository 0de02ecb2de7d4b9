using System.Reflection;
using System.Reflection.Emit;
using SerPipeline.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SerPipeline.Tests.Architecture;

/// <summary>
/// Numbers go to libtorch by <c>NetworkExtensions.With</c> alone, which keeps them until they are read: TorchSharp lets a collection free
/// them before.
/// </summary>
public sealed class TorchScalarTests
{
    [Fact]
    public void No_number_becomes_a_scalar_that_nobody_holds()
    {
        Module module = typeof(NetworkExtensions).Module;
        string[] found = [.. from type in module.Assembly.GetTypes()
                             from method in type.GetMembers(Everything).OfType<MethodBase>()
                             where method is not { Name: "With", DeclaringType.Name: "NetworkExtensions" }
                             from called in Called(method)
                             where IsUnheld(called)
                             select $"{type.Name}.{method.Name}: {called}"];
        Assert.Empty(found);
        // The search finds what it looks for.
        Assert.Contains(Called(typeof(NetworkExtensions).GetMethod("With", Everything)!), IsUnheld);
        Assert.Equal(3, Called(GetType().GetMethod(nameof(Careless), Everything)!).Count(IsUnheld));
    }

    private const BindingFlags Everything = BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance
        | BindingFlags.Public | BindingFlags.NonPublic;

    private static Tensor Careless(Tensor x) => ((x * 0.5) + 1).clamp_min(2);

    // A number that TorchSharp makes a scalar of, or a scalar that it reads a number from.
    private static bool IsUnheld(MethodBase method) =>
        (method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit")
        || (method.DeclaringType == typeof(Tensor) && method.Name.StartsWith("op_", StringComparison.Ordinal)
            && method.GetParameters().Any(parameter => parameter.ParameterType.IsPrimitive))
        || method.Name is "ToScalar" or "item" || method.DeclaringType == typeof(ScalarExtensionMethods);

    private static IEnumerable<MethodBase> Called(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        Type[] types = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : [],
            own = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (int i = 0; i + 4 < code.Length; i++)
        {
            if (code[i] != OpCodes.Call.Value && code[i] != OpCodes.Callvirt.Value) continue;
            MethodBase? called = null;
            try
            {
                called = method.Module.ResolveMethod(BitConverter.ToInt32(code, i + 1), types, own);
            }
            catch (Exception e) when (e is ArgumentException or BadImageFormatException)
            {
                // Bytes of something else that look like a call.
            }
            if (called is not null) yield return called;
        }
    }
}
