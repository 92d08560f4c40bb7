package asyncio.conformance;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A published module of the library, as it lies on the class path of these tests. */
public record LibraryModule(ModuleReference reference) {

  public static LibraryModule named(String name) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath())
        .filter(entry -> entry.startsWith(Repository.ROOT))
        .map(entry -> ModuleFinder.of(entry).find(name))
        .flatMap(Optional::stream)
        .map(LibraryModule::new)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no module " + name + " on the class path"));
  }

  ModuleDescriptor descriptor() {
    return reference.descriptor();
  }

  /** Names of the packages that every reader of the module may use. */
  List<String> exportedPackages() {
    return descriptor().exports().stream()
        .filter(exports -> !exports.isQualified())
        .map(ModuleDescriptor.Exports::source)
        .sorted()
        .toList();
  }

  boolean exports(Class<?> type) {
    return exportedPackages().contains(type.getPackageName());
  }

  /** The classes of the exported packages, nested and package-private ones among them. */
  public List<Class<?>> classesOfExportedPackages() {
    try (var reader = reference.open();
        Stream<String> resources = reader.list()) {
      return resources
          .filter(resource -> resource.endsWith(".class") && !resource.endsWith("-info.class"))
          .map(resource ->
              resource.substring(0, resource.length() - ".class".length()).replace('/', '.'))
          .<Class<?>>map(LibraryModule::load)
          .filter(this::exports)
          .sorted(Comparator.comparing(Class::getName))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, LibraryModule.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
