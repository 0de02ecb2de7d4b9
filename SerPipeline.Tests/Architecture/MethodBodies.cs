using System.Reflection;
using System.Reflection.Emit;

namespace SerPipeline.Tests.Architecture;

/// <summary>Which types a type of the library uses: in its declaration, in its members' signatures and in the code of its
/// methods.</summary>
internal static class MethodBodies
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    public static IEnumerable<Type> UsedBy(Type type)
    {
        var used = new HashSet<Type>();
        Add(used, type.BaseType);
        foreach (Type implemented in type.GetInterfaces()) Add(used, implemented);
        foreach (FieldInfo field in type.GetFields(Own)) Add(used, field.FieldType);
        foreach (PropertyInfo property in type.GetProperties(Own)) Add(used, property.PropertyType);
        foreach (MethodBase method in type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own)))
        {
            if (method is MethodInfo function) Add(used, function.ReturnType);
            foreach (ParameterInfo parameter in method.GetParameters()) Add(used, parameter.ParameterType);
            AddBody(used, method);
        }
        return used;
    }

    private static void AddBody(HashSet<Type> used, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body) return;
        foreach (LocalVariableInfo local in body.LocalVariables) Add(used, local.LocalType);
        Type[]? ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        byte[] code = body.GetILAsByteArray()!;
        for (int i = 0; i < code.Length;)
        {
            short value = code[i] == 0xFE ? unchecked((short)(0xFE00 | code[i + 1])) : code[i];
            OpCode op = Codes[value];
            i += op.Size;
            if (op.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                Add(used, method.Module.ResolveMember(BitConverter.ToInt32(code, i), ofType, ofMethod));
            i += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }
    }

    private static void Add(HashSet<Type> used, MemberInfo? member)
    {
        switch (member)
        {
            case Type type:
                while (type.HasElementType) type = type.GetElementType()!;
                if (type.IsGenericParameter || !used.Add(type)) return;
                if (type.IsGenericType)
                    foreach (Type argument in type.GetGenericArguments()) Add(used, argument);
                break;
            case MethodInfo { IsGenericMethod: true } method:
                foreach (Type argument in method.GetGenericArguments()) Add(used, argument);
                Add(used, method.DeclaringType);
                break;
            case not null:
                Add(used, member.DeclaringType);
                break;
            default:
                break;
        }
    }
}
