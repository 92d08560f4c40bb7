package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.ExceptionGroup;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exception that holds several. */
class ExceptionGroupTest {
  private final IOException io = new IOException("io");
  private final EOFException eof = new EOFException("eof");
  private final IllegalStateException state = new IllegalStateException("state");
  private final ExceptionGroup inner = new ExceptionGroup("inner", List.of(eof, state));
  private final ExceptionGroup group = new ExceptionGroup("outer", List.of(io, inner));

  @Test
  @Spec("TG-36")
  void hasAMessageAndMembersInOrderThatAreSuppressedToo() {
    assertThat(group.message()).isEqualTo("outer");
    assertThat(group).hasMessage("outer (2 sub-exceptions)");
    assertThat(new ExceptionGroup("one", List.of(io))).hasMessage("one (1 sub-exception)");
    assertThat(group.exceptions()).containsExactly(io, inner);
    assertThat(group.getSuppressed()).containsExactly(io, inner);
    assertThatThrownBy(() -> new ExceptionGroup("none", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
    assertThat(group.containsError()).isFalse();
    var error =
        new ExceptionGroup(
            "with error", List.of(new ExceptionGroup("deep", List.of(new AssertionError()))));
    assertThat(error.containsError()).isTrue();
  }

  @Test
  @Spec("TG-36")
  void membersAreSelectedByTypeAndKeepTheirNesting() {
    ExceptionGroup.Split split = group.split(IOException.class);
    assertThat(split.matched().message()).isEqualTo("outer");
    assertThat(split.matched().exceptions()).hasSize(2).first().isSameAs(io);
    assertThat(((ExceptionGroup) split.matched().exceptions().get(1)).exceptions())
        .containsExactly(eof);
    assertThat(((ExceptionGroup) split.rest().exceptions().getFirst()).exceptions())
        .containsExactly(state);
    assertThat(split.matched().getStackTrace()).isEqualTo(group.getStackTrace());

    assertThat(group.subgroup(IllegalStateException.class).find(Throwable.class))
        .containsExactly(state);
    assertThat(group.subgroup(ArithmeticException.class)).isNull();
    assertThat(group.split(ArithmeticException.class).rest()).isSameAs(group);
    assertThat(group.split(ExceptionGroup.class).matched()).isSameAs(group);
    assertThat(group.subgroup(e -> "eof".equals(e.getMessage())).find(EOFException.class))
        .containsExactly(eof);
    assertThat(group.find(IOException.class)).containsExactly(io, eof);
  }

  @Test
  void stackTraceShowsTheMembersNested() {
    var text = new StringWriter();
    group.printStackTrace(new PrintWriter(text, true));
    List<String> headings =
        text.toString().lines().filter(line -> !line.strip().matches("(at|\\.\\.\\.) .*")).toList();
    assertThat(headings)
        .containsExactly(
            "asyncio.ExceptionGroup: outer (2 sub-exceptions)",
            "\tSuppressed: java.io.IOException: io",
            "\tSuppressed: asyncio.ExceptionGroup: inner (2 sub-exceptions)",
            "\t\tSuppressed: java.io.EOFException: eof",
            "\t\tSuppressed: java.lang.IllegalStateException: state");
  }
}
