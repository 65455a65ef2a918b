package io.vipscope.capture.live;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The calls of the C library that a capture socket needs. One thread uses an instance.
 *
 * <p>The calls are ordinary downcalls, never critical ones: {@code poll} blocks, and a collector
 * would wait for it.
 */
@SuppressWarnings("restricted") // native access is granted on the command line
final class Posix implements AutoCloseable {

  // errno
  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int ENOTTY = 25;
  static final int ERANGE = 34;
  static final int ENOSYS = 38;
  static final int ENOPROTOOPT = 92;
  static final int EOPNOTSUPP = 95;
  static final int EAFNOSUPPORT = 97;
  static final int ENETDOWN = 100;
  static final int ENOBUFS = 105;

  private static final int CLOCK_REALTIME = 0;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker LINKER = Linker.nativeLinker();

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(STATE);

  private final MethodHandle socket = of("socket", FunctionDescriptor.of(INT, INT, INT, INT));
  private final MethodHandle bind =
      of("bind", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT));
  private final MethodHandle setsockopt =
      of("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));
  private final MethodHandle getsockopt =
      of(
          "getsockopt",
          FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
  private final MethodHandle ioctl =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("ioctl"),
          FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS),
          Linker.Option.firstVariadicArg(2),
          Linker.Option.captureCallState("errno"));
  private final MethodHandle mmap =
      of(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.ADDRESS, ValueLayout.ADDRESS, LONG, INT, INT, INT, LONG));
  private final MethodHandle munmap =
      of("munmap", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG));
  private final MethodHandle madvise =
      of("madvise", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));
  private final MethodHandle poll =
      of("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT));
  private final MethodHandle syscall =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(LONG, LONG, INT, ValueLayout.ADDRESS, INT),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
  private final MemorySegment clock = arena.allocate(16, 8);
  private final MethodHandle clockGettime =
      of("clock_gettime", FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS));
  private final MethodHandle close = of("close", FunctionDescriptor.of(INT, INT));

  private static MethodHandle of(String function, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(function),
        descriptor,
        Linker.Option.captureCallState("errno"));
  }

  /** Memory for arguments; it lives as long as this instance. */
  MemorySegment allocate(long bytes) {
    return arena.allocate(bytes, 8);
  }

  private interface Call<T> {
    T run() throws Throwable;
  }

  private static <T> T call(Call<T> call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("a native function threw", e);
    }
  }

  /** The error of the last call that returned -1. */
  int errno() {
    return (int) ERRNO.get(state, 0L);
  }

  int socket(int domain, int type, int protocol) {
    return call(() -> (int) socket.invokeExact(state, domain, type, protocol));
  }

  int bind(int fd, MemorySegment address) {
    return call(() -> (int) bind.invokeExact(state, fd, address, (int) address.byteSize()));
  }

  int setsockopt(int fd, int level, int option, MemorySegment value) {
    return call(() ->
        (int) setsockopt.invokeExact(state, fd, level, option, value, (int) value.byteSize()));
  }

  int setsockopt(int fd, int level, int option, int value) {
    MemorySegment cell = allocate(4);
    cell.set(INT, 0, value);
    return setsockopt(fd, level, option, cell);
  }

  int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment length) {
    return call(() -> (int) getsockopt.invokeExact(state, fd, level, option, value, length));
  }

  int ioctl(int fd, long request, MemorySegment argument) {
    return call(() -> (int) ioctl.invokeExact(state, fd, request, argument));
  }

  /** A shared mapping of a descriptor; its address is -1 if it failed. */
  MemorySegment mmap(int fd, long bytes, int protection, int flags) {
    return mmap(fd, bytes, protection, flags, 0);
  }

  /** The same from an offset on. */
  MemorySegment mmap(int fd, long bytes, int protection, int flags, long offset) {
    return call(() ->
        (MemorySegment)
            mmap.invokeExact(state, MemorySegment.NULL, bytes, protection, flags, fd, offset));
  }

  int munmap(MemorySegment mapping, long bytes) {
    return call(() -> (int) munmap.invokeExact(state, mapping, bytes));
  }

  int madvise(MemorySegment mapping, int advice) {
    return call(() -> (int) madvise.invokeExact(state, mapping, mapping.byteSize(), advice));
  }

  int poll(MemorySegment descriptors, int count, int timeoutMs) {
    return call(() -> (int) poll.invokeExact(state, descriptors, (long) count, timeoutMs));
  }

  /**
   * The system call bpf(2), for which the C library has no function.
   *
   * @param number the system call's on this architecture
   */
  int bpf(int number, int command, MemorySegment attributes) {
    return call(() ->
        (int)
            (long)
                syscall.invokeExact(
                    state, (long) number, command, attributes, (int) attributes.byteSize()));
  }

  /** CLOCK_REALTIME in ns. */
  long nowNs() {
    int _ = call(() -> (int) clockGettime.invokeExact(state, CLOCK_REALTIME, clock));
    return clock.get(LONG, 0) * 1_000_000_000L + clock.get(LONG, 8);
  }

  int closeDescriptor(int fd) {
    return call(() -> (int) close.invokeExact(state, fd));
  }

  @Override
  public void close() {
    arena.close();
  }
}
