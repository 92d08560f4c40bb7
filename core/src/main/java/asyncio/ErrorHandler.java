package asyncio;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The handler that catches a cancellation at one place of a method, read from the class file:
 * {@code catch}, {@code finally}, or the end of a {@code try} with resources.
 */
final class ErrorHandler {
  private static final Set<String> CANCELLATION =
      Set.of("asyncio/CancelledError", "java/lang/Error", "java/lang/Throwable");

  /** What JDK calls throw when they are interrupted, and what it can be caught as. */
  private static final Set<String> INTERRUPT =
      Set.of(
          "java/lang/InterruptedException",
          "java/nio/channels/ClosedByInterruptException",
          "java/nio/channels/FileLockInterruptionException",
          "java/nio/channels/AsynchronousCloseException",
          "java/nio/channels/ClosedChannelException",
          "java/net/SocketException",
          "java/io/IOException",
          "java/lang/Exception",
          "java/lang/Throwable");

  private final Code code;
  private final int start;

  /** Whether it may throw on what it caught in another exception. */
  private final boolean mayWrap;

  /** The local variable that the error is kept in; -1 if it is dropped. */
  private final int variable;

  /** The instructions of a method and their lines, by the index in the byte code. */
  private static final class Code {
    final CodeAttribute attribute;
    final NavigableMap<Integer, Instruction> instructions = new TreeMap<>();
    final NavigableMap<Integer, Integer> lines = new TreeMap<>();

    Code(CodeAttribute attribute) {
      this.attribute = attribute;
      int index = 0;
      for (CodeElement element : attribute) {
        if (element instanceof LineNumber number) {
          lines.put(index, number.line());
        } else if (element instanceof Instruction instruction) {
          instructions.put(index, instruction);
          index += instruction.sizeInBytes();
        }
      }
    }

    /** -1 if the class file does not tell. */
    int lineAt(int index) {
      var entry = lines.floorEntry(index);
      return entry == null ? -1 : entry.getValue();
    }

    List<Integer> callsIn(int line) {
      return instructions.entrySet().stream()
          .filter(each -> each.getValue() instanceof InvokeInstruction)
          .map(each -> each.getKey())
          .filter(index -> lineAt(index) == line)
          .toList();
    }
  }

  private ErrorHandler(Code code, int start, boolean mayWrap) {
    this.code = code;
    this.start = start;
    this.mayWrap = mayWrap;
    this.variable =
        code.instructions.get(start) instanceof StoreInstruction store ? store.slot() : -1;
  }

  // ---- finding it

  /**
   * The handler for a {@link CancelledError} that is thrown at {@code index} of a method.
   *
   * @return null if there is none, or if there is no class file to look into
   */
  static @Nullable ErrorHandler ofCancellation(
      Class<?> type, String method, String descriptor, int index) {
    for (MethodModel each : methodsOf(type, method)) {
      if (each.methodType().equalsString(descriptor)) {
        return find(each, List.of(index), CANCELLATION);
      }
    }
    return null;
  }

  /** As {@link #ofCancellation}, for what a call in {@code line} throws when it is interrupted. */
  static @Nullable ErrorHandler ofInterrupt(Class<?> type, String method, int line) {
    for (MethodModel each : methodsOf(type, method)) {
      CodeAttribute attribute = each.findAttribute(Attributes.code()).orElse(null);
      if (attribute != null) {
        ErrorHandler handler = find(each, new Code(attribute).callsIn(line), INTERRUPT);
        if (handler != null) {
          return handler;
        }
      }
    }
    return null;
  }

  private static @Nullable ErrorHandler find(
      MethodModel method, List<Integer> places, Set<String> caughtAs) {
    CodeAttribute attribute = method.findAttribute(Attributes.code()).orElse(null);
    if (attribute == null) {
      return null;
    }
    for (int index : places) {
      for (ExceptionCatch entry : attribute.exceptionHandlers()) {
        if (attribute.labelToBci(entry.tryStart()) <= index
            && index < attribute.labelToBci(entry.tryEnd())
            && entry
                .catchType()
                .map(type -> caughtAs.contains(type.asInternalName()))
                .orElse(true)) {
          return new ErrorHandler(
              new Code(attribute), attribute.labelToBci(entry.handler()), caughtAs == INTERRUPT);
        }
      }
    }
    return null;
  }

  /** Empty if there is no class file, or if it is of a kind that this JDK cannot read. */
  private static List<MethodModel> methodsOf(Class<?> type, String method) {
    String name = type.getName();
    try (InputStream file =
        type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
      if (file == null) {
        return List.of();
      }
      return ClassFile.of().parse(file.readAllBytes()).methods().stream()
          .filter(each -> each.methodName().equalsString(method))
          .toList();
    } catch (IOException | IllegalArgumentException e) {
      return List.of();
    }
  }

  // ---- what it does

  /** The line it begins in; -1 if the class file does not tell. */
  int line() {
    return code.lineAt(start);
  }

  /** Whether there is a way from its beginning on which it throws the error again. */
  boolean mayRethrow() {
    Instruction first = code.instructions.get(start);
    return first != null && mayRethrowFrom(start + first.sizeInBytes());
  }

  /** Whether there is a way from {@code index} on which the error is thrown again. */
  boolean mayRethrowFrom(int index) {
    Set<Integer> seen = new HashSet<>();
    Deque<Integer> todo = new ArrayDeque<>(List.of(index));
    while (!todo.isEmpty()) {
      int at = todo.pop();
      Instruction instruction = code.instructions.get(at);
      if (instruction == null || !seen.add(at)) {
        continue;
      }
      int next = at + instruction.sizeInBytes();
      switch (instruction) {
        case ThrowInstruction _ -> {
          if (mayWrap) {
            return true;
          }
        }
        case LoadInstruction load
            when load.slot() == variable
                && code.instructions.get(next) instanceof ThrowInstruction -> {
          return true;
        }
        case StoreInstruction store when store.slot() == variable && !mayWrap -> {} // it is gone
        case ReturnInstruction _ -> {}
        case BranchInstruction branch -> {
          todo.push(code.attribute.labelToBci(branch.target()));
          if (branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W) {
            todo.push(next);
          }
        }
        case TableSwitchInstruction table -> {
          todo.push(code.attribute.labelToBci(table.defaultTarget()));
          table.cases().forEach(each -> todo.push(target(each)));
        }
        case LookupSwitchInstruction lookup -> {
          todo.push(code.attribute.labelToBci(lookup.defaultTarget()));
          lookup.cases().forEach(each -> todo.push(target(each)));
        }
        default -> todo.push(next);
      }
    }
    return false;
  }

  private int target(SwitchCase each) {
    return code.attribute.labelToBci(each.target());
  }
}
