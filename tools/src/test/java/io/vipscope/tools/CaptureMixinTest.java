package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class CaptureMixinTest {

  @Command
  private static final class WithCapture {
    @Mixin private final CaptureMixin capture = new CaptureMixin();
  }

  private static boolean isPromiscuous(boolean self, String... args) {
    WithCapture command = new WithCapture();
    new CommandLine(command).parseArgs(args);
    return command.capture.options(self, null, 4789).promiscuous();
  }

  @Test
  void framesToOthersMatterOnlyOnAMirrorPort() {
    assertEquals(true, isPromiscuous(false));
    assertEquals(false, isPromiscuous(false, "-p"));
    assertEquals(false, isPromiscuous(true));
    assertEquals(false, isPromiscuous(true, "-p"));
  }
}
