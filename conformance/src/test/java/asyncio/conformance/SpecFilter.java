package asyncio.conformance;

import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Runs only the tests of some statements: {@code -Dspec=TASK-37,TASK-38}, or a whole family, {@code
 * -Dspec=TASK}.
 *
 * <p>Found by the launcher as a service; without the property it lets everything pass.
 */
public final class SpecFilter implements PostDiscoveryFilter {
  private final List<String> wanted;

  public SpecFilter() {
    String property = System.getProperty("spec", "");
    wanted = Stream.of(property.split(",")).map(String::strip).filter(id -> !id.isEmpty()).toList();
  }

  @Override
  public FilterResult apply(TestDescriptor test) {
    boolean included =
        wanted.isEmpty()
            || test.getSource()
                .map(source ->
                    switch (source) {
                      case MethodSource method ->
                          names(method.getJavaMethod()) || names(method.getJavaClass());
                      case ClassSource type -> names(type.getJavaClass());
                      default -> false;
                    })
                .orElse(false);
    return FilterResult.includedIf(included);
  }

  private boolean names(AnnotatedElement element) {
    Spec spec = element.getAnnotation(Spec.class);
    return spec != null && Arrays.stream(spec.value()).anyMatch(this::isWanted);
  }

  private boolean isWanted(String id) {
    return wanted.stream().anyMatch(name -> id.equals(name) || id.startsWith(name + "-"));
  }
}
