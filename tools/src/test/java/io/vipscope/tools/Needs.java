package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

/**
 * What a test needs of the machine. Where it is missing the test is skipped and says why; with
 * {@code VIPSCOPE_TEST_REQUIRE=1} (as in CI) it fails.
 */
final class Needs {

  private Needs() {}

  static void namespaces() {
    check(Namespace.allowed(), "root and network namespaces");
  }

  static void programs(String... names) {
    for (String name : names) {
      check(found(name), "the program " + name);
    }
  }

  private static boolean found(String name) {
    return List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin", "/usr/local/sbin")
        .stream()
        .anyMatch(folder -> java.nio.file.Files.isExecutable(java.nio.file.Path.of(folder, name)));
  }

  static void check(boolean present, String what) {
    if ("1".equals(System.getenv("VIPSCOPE_TEST_REQUIRE"))) {
      assertTrue(present, "needs " + what);
    }
    assumeTrue(present, "needs " + what);
  }
}
