package asyncio.tools.repl;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldTransform;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.attribute.RuntimeVisibleTypeAnnotationsAttribute;
import java.lang.module.ModuleReader;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The library as the compiler of the snippets sees it: its exported packages, without the bodies of
 * methods and without type annotations.
 *
 * <p>JShell spells the type of an expression out in Java, and gets it wrong where there is a type
 * annotation in it: {@code @Nullable java.lang.Void} is no Java. So it must not see any.
 */
final class SnippetLibrary implements AutoCloseable {
  private final Path folder;

  private SnippetLibrary(Path folder) {
    this.folder = folder;
  }

  static SnippetLibrary of(Module module) throws IOException {
    SnippetLibrary library = new SnippetLibrary(Files.createTempDirectory("asyncio-repl"));
    try (ModuleReader reader =
            module
                .getLayer()
                .configuration()
                .findModule(module.getName())
                .orElseThrow()
                .reference()
                .open();
        Stream<String> names = reader.list()) {
      for (String name : names.filter(name -> isApi(module, name)).toList()) {
        ByteBuffer file = reader.read(name).orElseThrow();
        byte[] code = new byte[file.remaining()];
        file.get(code);
        reader.release(file);
        Path target = library.folder.resolve(module.getName()).resolve(name);
        Files.createDirectories(target.getParent());
        Files.write(target, name.equals("module-info.class") ? code : plain(code));
      }
      return library;
    } catch (IOException | RuntimeException e) {
      library.close();
      throw e;
    }
  }

  private static boolean isApi(Module module, String file) {
    int slash = file.lastIndexOf('/');
    return file.equals("module-info.class")
        || (slash > 0
            && file.endsWith(".class")
            && module.isExported(file.substring(0, slash).replace('/', '.')));
  }

  /** A class without type annotations and without code. */
  private static byte[] plain(byte[] code) {
    ClassFile files = ClassFile.of();
    ClassTransform ofClass =
        ClassTransform.dropping(RuntimeVisibleTypeAnnotationsAttribute.class::isInstance);
    return files.transformClass(
        files.parse(code),
        ofClass
            .andThen(
                ClassTransform.transformingMethods(
                    MethodTransform.dropping(element ->
                        element instanceof RuntimeVisibleTypeAnnotationsAttribute
                            || element instanceof CodeModel)))
            .andThen(
                ClassTransform.transformingFields(
                    FieldTransform.dropping(
                        RuntimeVisibleTypeAnnotationsAttribute.class::isInstance))));
  }

  /** A module path with the library on it, and a place for other files of the session. */
  Path folder() {
    return folder;
  }

  /** Deletes it. */
  @Override
  public void close() throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
