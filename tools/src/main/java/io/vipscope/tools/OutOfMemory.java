package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process when the heap is full, whichever thread finds it so: with one sentence, made
 * beforehand, because nothing can be made then.
 */
final class OutOfMemory implements Thread.UncaughtExceptionHandler {

  private static final byte[] SENTENCE = (sentence() + "\n").getBytes(UTF_8);
  private static final FileOutputStream STDERR = new FileOutputStream(FileDescriptor.err);

  private static volatile boolean told;

  private static String sentence() {
    long megabytes = Runtime.getRuntime().maxMemory() >> 20;
    return "vipscope: out of memory: more than a heap of "
        + megabytes
        + " MiB is needed; VIPSCOPE_JAVA_OPTS=-Xmx"
        + 2 * megabytes
        + "m gives twice as much, fewer flows (--max-flows) need less";
  }

  /** Whether that is what is behind a failure. */
  static boolean isCauseOf(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof OutOfMemoryError)) {
      cause = cause.getCause();
    }
    return cause != null;
  }

  /** Says so. */
  static void tell(PrintWriter err) {
    err.println(sentence());
    told = true;
  }

  /** Whether that has been said: then nothing more can be done than to end at once. */
  static boolean isTold() {
    return told;
  }

  /** Says so, if nobody has, and ends the process. */
  private static void end() {
    try {
      if (!told) {
        STDERR.write(SENTENCE);
      }
    } catch (IOException _) {
      // the exit code tells
    }
    Runtime.getRuntime().halt(ExitCode.INTERNAL);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable failure) {
    if (isCauseOf(failure)) {
      end();
    }
    System.err.print("Exception in thread \"" + thread.getName() + "\" ");
    failure.printStackTrace();
  }
}
