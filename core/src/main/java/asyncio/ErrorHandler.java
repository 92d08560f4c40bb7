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
 * The handler that catches a {@link CancelledError} at one place of a method, read from the class
 * file: {@code catch}, {@code finally}, or the end of a {@code try} with resources.
 */
final class ErrorHandler {
  private static final Set<String> CAUGHT_AS =
      Set.of("asyncio/CancelledError", "java/lang/Error", "java/lang/Throwable");

  private final CodeAttribute code;

  /** By the index in the byte code. */
  private final NavigableMap<Integer, Instruction> instructions = new TreeMap<>();

  private final NavigableMap<Integer, Integer> lines = new TreeMap<>();
  private final int start;

  /** The local variable that the error is kept in; -1 if it is dropped. */
  private final int variable;

  private ErrorHandler(CodeAttribute code, ExceptionCatch entry) {
    this.code = code;
    this.start = code.labelToBci(entry.handler());
    int index = 0;
    for (CodeElement element : code) {
      if (element instanceof LineNumber number) {
        lines.put(index, number.line());
      } else if (element instanceof Instruction instruction) {
        instructions.put(index, instruction);
        index += instruction.sizeInBytes();
      }
    }
    this.variable = instructions.get(start) instanceof StoreInstruction store ? store.slot() : -1;
  }

  /**
   * The handler for an error that is thrown at {@code index} of a method.
   *
   * @return null if there is none, or if there is no class file to look into
   */
  static @Nullable ErrorHandler of(Class<?> type, String method, String descriptor, int index) {
    try {
      CodeAttribute code = codeOf(type, method, descriptor);
      if (code != null) {
        for (ExceptionCatch entry : code.exceptionHandlers()) {
          if (code.labelToBci(entry.tryStart()) <= index
              && index < code.labelToBci(entry.tryEnd())
              && entry
                  .catchType()
                  .map(each -> CAUGHT_AS.contains(each.asInternalName()))
                  .orElse(true)) {
            return new ErrorHandler(code, entry);
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      return null; // a class file of a kind that this JDK cannot read
    }
    return null;
  }

  private static @Nullable CodeAttribute codeOf(Class<?> type, String method, String descriptor)
      throws IOException {
    String name = type.getName();
    try (InputStream file =
        type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
      if (file == null) {
        return null;
      }
      for (MethodModel each : ClassFile.of().parse(file.readAllBytes()).methods()) {
        if (each.methodName().equalsString(method) && each.methodType().equalsString(descriptor)) {
          return each.findAttribute(Attributes.code()).orElse(null);
        }
      }
      return null;
    }
  }

  /** The line it begins in; -1 if the class file does not tell. */
  int line() {
    var entry = lines.floorEntry(start);
    return entry == null ? -1 : entry.getValue();
  }

  /** Whether there is a way from its beginning on which it throws the error again. */
  boolean mayRethrow() {
    return mayRethrowFrom(start + sizeAt(start));
  }

  private int sizeAt(int index) {
    Instruction instruction = instructions.get(index);
    return instruction == null ? 0 : instruction.sizeInBytes();
  }

  /** Whether there is a way from {@code index} on which the error is thrown again. */
  boolean mayRethrowFrom(int index) {
    if (variable < 0) {
      return false;
    }
    Set<Integer> seen = new HashSet<>();
    Deque<Integer> todo = new ArrayDeque<>(List.of(index));
    while (!todo.isEmpty()) {
      int at = todo.pop();
      Instruction instruction = instructions.get(at);
      if (instruction == null || !seen.add(at)) {
        continue;
      }
      int next = at + instruction.sizeInBytes();
      switch (instruction) {
        case LoadInstruction load
            when load.slot() == variable && instructions.get(next) instanceof ThrowInstruction -> {
          return true;
        }
        case StoreInstruction store
            when store.slot() == variable -> {} // another value from here on
        case ReturnInstruction _, ThrowInstruction _ -> {}
        case BranchInstruction branch -> {
          todo.push(code.labelToBci(branch.target()));
          if (branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W) {
            todo.push(next);
          }
        }
        case TableSwitchInstruction table -> {
          todo.push(code.labelToBci(table.defaultTarget()));
          table.cases().forEach(each -> todo.push(target(each)));
        }
        case LookupSwitchInstruction lookup -> {
          todo.push(code.labelToBci(lookup.defaultTarget()));
          lookup.cases().forEach(each -> todo.push(target(each)));
        }
        default -> todo.push(next);
      }
    }
    return false;
  }

  private int target(SwitchCase each) {
    return code.labelToBci(each.target());
  }
}
