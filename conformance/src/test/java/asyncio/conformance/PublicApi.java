package asyncio.conformance;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What users of a module can name, as text: one line for each public or protected type and member,
 * with nullness, type parameters and declared exceptions, in a stable order.
 *
 * <p>Members that a visible type inherits from a hidden one are listed as its own. Left out are
 * interfaces of internal packages, which users cannot name, and {@code equals}, {@code hashCode},
 * {@code toString} and what the compiler adds to every enum.
 */
final class PublicApi {
  private static final Set<String> UNLISTED = Set.of("equals", "hashCode", "toString");

  private final LibraryModule module;
  private final List<String> lines = new ArrayList<>();

  private PublicApi(LibraryModule module) {
    this.module = module;
  }

  static List<String> of(LibraryModule module) {
    var api = new PublicApi(module);
    for (Class<?> type : module.classesOfExportedPackages()) {
      if (api.isVisible(type)) {
        api.add(type);
      }
    }
    return List.copyOf(api.lines);
  }

  private void add(Class<?> type) {
    String prefix = type.getCanonicalName() + " | ";
    lines.add(prefix + header(type));
    Set<String> members = new TreeSet<>();
    collect(type, type, members);
    members.forEach(member -> lines.add(prefix + member));
  }

  private void collect(Class<?> declaring, Class<?> type, Set<String> members) {
    boolean open = !Modifier.isFinal(type.getModifiers());
    for (Field field : declaring.getDeclaredFields()) {
      if (isVisible(field.getModifiers(), open) && !field.isSynthetic()) {
        members.add(line(field));
      }
    }
    if (declaring == type) {
      for (Constructor<?> constructor : declaring.getDeclaredConstructors()) {
        if (isVisible(constructor.getModifiers(), open) && !constructor.isSynthetic()) {
          members.add(line(constructor, "", type.getSimpleName()));
        }
      }
    }
    for (Method method : declaring.getDeclaredMethods()) {
      if (isVisible(method.getModifiers(), open) && !method.isSynthetic() && !isUnlisted(method)) {
        members.add(line(method, type(method.getAnnotatedReturnType()) + " ", method.getName()));
      }
    }
    List<Class<?>> supertypes = new ArrayList<>(List.of(declaring.getInterfaces()));
    if (declaring.getSuperclass() != null) {
      supertypes.add(declaring.getSuperclass());
    }
    for (Class<?> supertype : supertypes) {
      if (module.exports(supertype) && !isVisible(supertype)) {
        collect(supertype, type, members);
      }
    }
  }

  private static boolean isUnlisted(Method method) {
    return UNLISTED.contains(method.getName())
        || method.getDeclaringClass().isEnum()
            && Modifier.isStatic(method.getModifiers())
            && (method.getName().equals("values") || method.getName().equals("valueOf"));
  }

  private boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    if (outer == null) {
      return Modifier.isPublic(type.getModifiers());
    }
    return type.isMemberClass()
        && isVisible(outer)
        && isVisible(type.getModifiers(), !Modifier.isFinal(outer.getModifiers()));
  }

  private static boolean isVisible(int modifiers, boolean open) {
    return Modifier.isPublic(modifiers) || open && Modifier.isProtected(modifiers);
  }

  private String header(Class<?> type) {
    int hidden = Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL;
    int modifiers = type.getModifiers();
    String kind = "class";
    if (type.isAnnotation()) {
      kind = "@interface";
    } else if (type.isInterface()) {
      kind = "interface";
    } else if (type.isEnum()) {
      kind = "enum";
    } else if (type.isRecord()) {
      kind = "record";
    } else {
      hidden = type.isMemberClass() ? 0 : Modifier.STATIC;
    }
    var text = new StringBuilder(annotations(type));
    text.append(modifiers(modifiers & Modifier.classModifiers() & ~hidden));
    text.append(type.isSealed() ? "sealed " : "")
        .append(kind)
        .append(' ')
        .append(type.getSimpleName());
    text.append(typeParameters(type));
    if (!type.isInterface()
        && !type.isEnum()
        && !type.isRecord()
        && type.getSuperclass() != Object.class) {
      text.append(" extends ").append(type(type.getAnnotatedSuperclass()));
    }
    AnnotatedType[] interfaces =
        Arrays.stream(type.getAnnotatedInterfaces())
            .filter(each -> !name(each).contains(".internal."))
            .toArray(AnnotatedType[]::new);
    if (interfaces.length > 0 && !type.isAnnotation()) {
      text.append(type.isInterface() ? " extends " : " implements ");
      text.append(list(interfaces, this::type));
    }
    if (type.isSealed()) {
      text.append(" permits ")
          .append(list(type.getPermittedSubclasses(), permitted -> name(permitted)));
    }
    return text.toString();
  }

  private String line(Field field) {
    int shown =
        field.getModifiers()
            & Modifier.fieldModifiers()
            & ~(Modifier.VOLATILE | Modifier.TRANSIENT);
    return annotations(field)
        + modifiers(shown)
        + type(field.getAnnotatedType())
        + " "
        + field.getName();
  }

  private String line(Executable executable, String returns, String name) {
    int shown =
        executable.getModifiers()
            & Modifier.methodModifiers()
            & ~(Modifier.SYNCHRONIZED | Modifier.NATIVE | Modifier.STRICT);
    var text = new StringBuilder(annotations(executable)).append(modifiers(shown));
    if (executable instanceof Method method && method.isDefault()) {
      text.append("default ");
    }
    String typeParameters = typeParameters(executable);
    text.append(typeParameters).append(typeParameters.isEmpty() ? "" : " ");
    text.append(returns).append(name);
    var parameters = new StringJoiner(", ", "(", ")");
    AnnotatedType[] types = executable.getAnnotatedParameterTypes();
    for (int i = 0; i < types.length; i++) {
      boolean variable = executable.isVarArgs() && i == types.length - 1;
      String parameter = type(types[i]);
      parameters.add(variable ? parameter.replaceFirst("\\[\\]$", "...") : parameter);
    }
    text.append(parameters);
    if (executable.getExceptionTypes().length > 0) {
      text.append(" throws ").append(list(executable.getAnnotatedExceptionTypes(), this::type));
    }
    return text.toString();
  }

  private static String modifiers(int modifiers) {
    return modifiers == 0 ? "" : Modifier.toString(modifiers) + " ";
  }

  /** The annotations that are part of the contract: the library's own and {@code @Deprecated}. */
  private String annotations(AnnotatedElement element) {
    return Arrays.stream(element.getDeclaredAnnotations())
        .map(Annotation::annotationType)
        .filter(annotation -> module.exports(annotation) || annotation == Deprecated.class)
        .map(annotation -> "@" + annotation.getSimpleName() + " ")
        .sorted()
        .collect(Collectors.joining());
  }

  private String typeParameters(GenericDeclaration declaration) {
    TypeVariable<?>[] variables = declaration.getTypeParameters();
    return variables.length == 0 ? "" : "<" + list(variables, this::declaration) + ">";
  }

  private String declaration(TypeVariable<?> variable) {
    String bounds = list(variable.getAnnotatedBounds(), this::type).replace(", ", " & ");
    return bounds.equals("Object") ? variable.getName() : variable.getName() + " extends " + bounds;
  }

  private String type(AnnotatedType type) {
    String nullable = type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "";
    return switch (type) {
      case AnnotatedArrayType array ->
          type(array.getAnnotatedGenericComponentType())
              + (nullable.isEmpty() ? "" : " " + nullable)
              + "[]";
      case AnnotatedTypeVariable variable -> nullable + variable.getType().getTypeName();
      case AnnotatedWildcardType wildcard -> wildcard(wildcard);
      case AnnotatedParameterizedType parameterized -> {
        Type raw = ((ParameterizedType) parameterized.getType()).getRawType();
        yield nullable
            + name((Class<?>) raw)
            + "<"
            + list(parameterized.getAnnotatedActualTypeArguments(), this::type)
            + ">";
      }
      default -> nullable + name((Class<?>) type.getType());
    };
  }

  private String wildcard(AnnotatedWildcardType wildcard) {
    if (wildcard.getAnnotatedLowerBounds().length > 0) {
      return "? super " + list(wildcard.getAnnotatedLowerBounds(), this::type);
    }
    String upper = list(wildcard.getAnnotatedUpperBounds(), this::type);
    return upper.equals("Object") ? "?" : "? extends " + upper;
  }

  private static String name(AnnotatedType type) {
    return type.getType().getTypeName();
  }

  private static String name(Class<?> type) {
    return type.getPackageName().equals("java.lang")
        ? type.getSimpleName()
        : type.getCanonicalName();
  }

  private static <E> String list(E[] elements, Function<? super E, String> text) {
    return Arrays.stream(elements).map(text).collect(Collectors.joining(", "));
  }
}
