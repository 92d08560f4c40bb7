package asyncio.tools.repl;

import asyncio.CancelledError;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets Ctrl-C end a snippet that computes without ever waiting: each method of a snippet asks at
 * its start, and at each jump backwards, whether it shall stop.
 */
public final class StopChecks {
  private static final ClassDesc HERE = StopChecks.class.describeConstable().orElseThrow();

  /** The thread whose snippet shall stop; null almost always. */
  private static volatile @Nullable Thread stopping;

  private StopChecks() {}

  /** Called by the code of the snippets. */
  public static void check() {
    Thread thread = stopping;
    if (thread != null && thread == Thread.currentThread()) {
      stopping = null; // once: what the snippet does in its `finally` blocks may run
      throw new CancelledError("stopped by Ctrl-C");
    }
  }

  /** Has the next check of a thread throw. */
  static void stop(@Nullable Thread thread) {
    stopping = thread;
  }

  /** Forgets a request that came too late for its snippet. */
  static void forget() {
    stopping = null;
  }

  /** Puts the checks into a class. */
  static byte[] addTo(byte[] classFile) {
    ClassFile files = ClassFile.of();
    return files.transformClass(
        files.parse(classFile),
        ClassTransform.transformingMethodBodies(CodeTransform.ofStateful(Weaver::new)));
  }

  private static final class Weaver implements CodeTransform {
    /** The labels that the code has passed: a jump to one of them goes backwards. */
    private final Set<Label> passed = new HashSet<>();

    @Override
    public void atStart(CodeBuilder code) {
      addCheck(code);
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      switch (element) {
        case LabelTarget target -> passed.add(target.label());
        case BranchInstruction jump when passed.contains(jump.target()) -> addCheck(code);
        default -> {}
      }
      code.with(element);
    }

    private static void addCheck(CodeBuilder code) {
      code.invokestatic(HERE, "check", ConstantDescs.MTD_void);
    }
  }
}
