package io.vipscope.capture.live;

import io.vipscope.capture.CaptureException;

/** A call for AF_XDP or bpf(2) failed; another mode may do. */
final class XdpFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String doing;
  private final int errno;

  XdpFailure(String doing, int errno) {
    super(doing + " failed, errno " + errno, null, false, false);
    this.doing = doing;
    this.errno = errno;
  }

  /** Fails if a call did. */
  static int check(Posix posix, int result, String doing) {
    if (result < 0) {
      throw new XdpFailure(doing, posix.errno());
    }
    return result;
  }

  /** Whether no other mode would do better. */
  boolean isFinal() {
    return switch (errno) {
      case Posix.EPERM,
          Posix.EACCES,
          Posix.EBUSY,
          Posix.EEXIST,
          Posix.EAFNOSUPPORT,
          Posix.ENOSYS,
          Posix.ENOPROTOOPT,
          Posix.ENOBUFS,
          Posix.ENODEV,
          Posix.ENXIO ->
          true;
      default -> false;
    };
  }

  /** What it means to a user, in one sentence. */
  CaptureException of(String name) {
    String text =
        switch (errno) {
          case Posix.EPERM, Posix.EACCES ->
              "no permission for AF_XDP, run as root or with CAP_NET_RAW, CAP_NET_ADMIN and"
                  + " CAP_BPF";
          case Posix.EAFNOSUPPORT, Posix.ENOSYS, Posix.ENOPROTOOPT ->
              "this kernel has no AF_XDP of Linux 5.9 or newer, or the service's unit forbids it, use"
                  + " --source afpacket";
          case Posix.ENOBUFS ->
              "AF_XDP may not lock enough memory, raise 'ulimit -l' (a service's LimitMEMLOCK=) or run"
                  + " as root";
          case Posix.EBUSY, Posix.EEXIST ->
              "another program takes its frames by XDP already (" + doing + ")";
          case Posix.ENODEV, Posix.ENXIO -> "no such interface";
          default ->
              "cannot be opened for AF_XDP: "
                  + doing
                  + " failed, errno "
                  + errno
                  + "; use --source afpacket";
        };
    return new CaptureException(name + ": " + text, this);
  }
}
