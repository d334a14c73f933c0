package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Writes a node's log. Its level comes from {@code --ros-args --log-level [NAME:=]LEVEL}. */
final class RosLogger implements System.Logger {
  private static final StackWalker STACK = StackWalker.getInstance();

  private final String name;
  private final MemorySegment nativeName;

  RosLogger(String name) {
    this.name = name;
    this.nativeName = Arena.ofAuto().allocateFrom(name);
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public boolean isLoggable(Level level) {
    return level != Level.OFF && Logging.isEnabled(nativeName, severity(level));
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    if (isLoggable(level)) {
      write(level, localized(bundle, message) + (thrown == null ? "" : "\n" + trace(thrown)));
    }
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object... parameters) {
    if (isLoggable(level)) {
      String pattern = localized(bundle, format);
      boolean plain = parameters == null || parameters.length == 0;
      write(level, plain ? pattern : MessageFormat.format(pattern, parameters));
    }
  }

  private void write(Level level, String text) {
    StackWalker.StackFrame caller =
        STACK.walk(
            frames ->
                frames
                    .filter(f -> !f.getClassName().equals(RosLogger.class.getName()))
                    .filter(f -> !f.getClassName().startsWith("java.lang.System$Logger"))
                    .findFirst()
                    .orElseThrow());
    try (var arena = Arena.ofConfined()) {
      MemorySegment location = arena.allocate(ADDRESS, 3);
      location.setAtIndex(ADDRESS, 0, arena.allocateFrom(caller.getMethodName()));
      String file = caller.getFileName() == null ? caller.getClassName() : caller.getFileName();
      location.setAtIndex(ADDRESS, 1, arena.allocateFrom(file));
      location.setAtIndex(JAVA_LONG, 2, Math.max(0, caller.getLineNumber()));
      Logging.log(
          location, severity(level), nativeName, arena.allocateFrom(text.replace("\0", "")));
    }
  }

  private static String localized(@Nullable ResourceBundle bundle, @Nullable String message) {
    if (message == null) {
      return "null";
    }
    return bundle != null && bundle.containsKey(message) ? bundle.getString(message) : message;
  }

  private static String trace(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString().stripTrailing();
  }

  /** Returns the severity of rcutils: 10 debug, 20 info, 30 warn, 40 error. */
  private static int severity(Level level) {
    return switch (level) {
      case ALL, TRACE, DEBUG -> 10;
      case INFO -> 20;
      case WARNING -> 30;
      case ERROR, OFF -> 40;
    };
  }
}
