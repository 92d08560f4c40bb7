package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The library looks names up in one place: methods of the JDK that may look up, and block, are
 * called nowhere else. The compiled classes are searched, method references included.
 */
class HiddenLookupTest {
  private static final String ALLOWED = "asyncio/internal/net/SystemNames";

  private static final Set<String> LOOK_UP =
      Set.of(
          "java/net/InetAddress.getByName",
          "java/net/InetAddress.getAllByName",
          "java/net/InetAddress.getHostName",
          "java/net/InetAddress.getCanonicalHostName",
          "java/net/InetAddress.getLocalHost",
          "java/net/Inet4Address.getHostName",
          "java/net/Inet4Address.getCanonicalHostName",
          "java/net/Inet6Address.getHostName",
          "java/net/Inet6Address.getCanonicalHostName",
          "java/net/InetSocketAddress.getHostName",
          "java/net/InetSocketAddress.<init>(Ljava/lang/String;I)V",
          "java/net/Socket.<init>(Ljava/lang/String;I)V",
          "java/net/Socket.<init>(Ljava/lang/String;ILjava/net/InetAddress;I)V",
          "java/net/URL.equals",
          "java/net/URL.hashCode");

  @ParameterizedTest
  @ValueSource(strings = {"asyncio", "asyncio.testkit"})
  void noClassLooksUpBehindTheLoopsBack(String module) throws IOException {
    List<String> found = new ArrayList<>();
    for (ClassModel type : classes(module)) {
      String name = type.thisClass().asInternalName();
      if (!name.equals(ALLOWED)) {
        lookUpsOf(type).forEach(call -> found.add(name + " calls " + call));
      }
    }
    assertThat(found)
        .as("use loop.getaddrinfo, getHostString or InetSocketAddress.createUnresolved instead")
        .isEmpty();
  }

  @Test
  void searchFindsCallsAndMethodReferences() throws IOException {
    assertThat(lookUpsOf(read(LooksUp.class.getResourceAsStream("HiddenLookupTest$LooksUp.class"))))
        .containsExactly(
            "java/net/InetAddress.getHostName",
            "java/net/InetSocketAddress.<init>(Ljava/lang/String;I)V");
    assertThat(classes("asyncio"))
        .filteredOn(type -> type.thisClass().asInternalName().equals(ALLOWED))
        .flatExtracting(HiddenLookupTest::lookUpsOf)
        .contains("java/net/InetAddress.getAllByName");
  }

  /** Does what is forbidden. */
  static final class LooksUp {
    static final java.util.function.Function<InetAddress, String> REFERENCE =
        InetAddress::getHostName;

    static InetSocketAddress call(String host) {
      return new InetSocketAddress(host, 80);
    }
  }

  private static Set<String> lookUpsOf(ClassModel type) {
    Set<String> found = new TreeSet<>();
    for (var entry : type.constantPool()) {
      if (entry instanceof MemberRefEntry member) {
        String name = member.owner().asInternalName() + "." + member.name().stringValue();
        String signature = name + member.type().stringValue();
        if (LOOK_UP.contains(name)) {
          found.add(name);
        } else if (LOOK_UP.contains(signature)) {
          found.add(signature);
        }
      }
    }
    return found;
  }

  private static List<ClassModel> classes(String module) throws IOException {
    List<ClassModel> all = new ArrayList<>();
    try (var reader = LibraryModule.named(module).reference().open()) {
      for (String resource : reader.list().filter(name -> name.endsWith(".class")).toList()) {
        all.add(read(reader.open(resource).orElseThrow()));
      }
    }
    return all;
  }

  private static ClassModel read(InputStream classFile) throws IOException {
    try (classFile) {
      return ClassFile.of().parse(classFile.readAllBytes());
    }
  }
}
