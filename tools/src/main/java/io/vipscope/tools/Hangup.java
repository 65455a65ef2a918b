package io.vipscope.tools;

import java.lang.reflect.Proxy;

/**
 * SIGHUP. The JDK has no public interface for signals; the class that has always been there is
 * asked by reflection, since naming it makes the compiler warn.
 */
final class Hangup implements AutoCloseable {

  private final Class<?> signal;
  private final Class<?> handler;
  private final Object hup;
  private final Object before;

  @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself alone
  private Hangup(Runnable action) throws ReflectiveOperationException {
    signal = Class.forName("sun.misc.Signal");
    handler = Class.forName("sun.misc.SignalHandler");
    hup = signal.getConstructor(String.class).newInstance("HUP");
    Object proxy =
        Proxy.newProxyInstance(
            Hangup.class.getClassLoader(),
            new Class<?>[] {handler},
            (self, method, args) ->
                switch (method.getName()) {
                  case "handle" -> {
                    action.run();
                    yield null;
                  }
                  case "equals" -> args != null && self == args[0];
                  case "hashCode" -> System.identityHashCode(self);
                  default -> "hangup";
                });
    before = signal.getMethod("handle", signal, handler).invoke(null, hup, proxy);
  }

  /**
   * Runs something at each SIGHUP, which then no longer ends the process.
   *
   * @param action runs on a thread of the JVM's own; must be short
   */
  static AutoCloseable does(Runnable action) {
    try {
      return new Hangup(action);
    } catch (ReflectiveOperationException | IllegalArgumentException _) {
      return () -> {}; // a JVM without it, or one started with -Xrs: SIGHUP ends the process
    }
  }

  @Override
  public void close() throws ReflectiveOperationException {
    signal.getMethod("handle", signal, handler).invoke(null, hup, before);
  }
}
