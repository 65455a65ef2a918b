package io.vipscope.capture.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vipscope.core.model.snapshot.VrrpInstance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** keepalived.conf: what it includes, and that its secrets are taken out of every shape. */
class KeepalivedTest {

  private static final String SECRET = "Tr0ub4dor";

  @TempDir private Path folder;

  @BeforeEach
  void includedFiles() throws Exception {
    Files.createDirectory(folder.resolve("keepalived.d"));
    for (String name : List.of("a1", "a2", "b1", "b2")) {
      Files.writeString(
          folder.resolve("keepalived.d").resolve(name + ".conf"),
          "vrrp_instance " + name + " {\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n");
    }
  }

  private List<String> instances(String conf) throws Exception {
    Files.writeString(folder.resolve("keepalived.conf"), conf);
    return KeepalivedConf.read(folder).stream().map(VrrpInstance::name).toList();
  }

  @Test
  void includesAreFollowedByName() throws Exception {
    assertEquals(List.of("a2"), instances("include conf.d/a2.conf\n"));
    assertEquals(
        List.of("a1", "a2", "b1", "b2"), instances("include /etc/keepalived/conf.d/*.conf"));
    assertEquals(List.of("a1", "a2"), instances("  includer a?.conf # both\n"));
    assertEquals(List.of("b1"), instances("include [bc]1.conf\n"));
    assertEquals(List.of("b2", "a1"), instances("include {b2,a1}.conf\n"));
    assertEquals(List.of(), instances("# include a1.conf\n! include a2.conf\ninclude none.conf\n"));
  }

  @Test
  void anIncludeOfItselfEnds() throws Exception {
    Files.writeString(folder.resolve("keepalived.d/loop.conf"), "include loop.conf\n");
    assertEquals(List.of(), instances("include loop.conf\n"), "the number of includes has a limit");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "authentication {\n auth_type PASS\n auth_pass Tr0ub4dor\n}\n",
        "authentication { auth_type PASS auth_pass Tr0ub4dor }\n",
        "  auth_pass \"x Tr0ub4dor\"\n",
        "  auth_pass \\\n   Tr0ub4dor\n",
        "# auth_pass Tr0ub4dor\n",
        "$PASS=Tr0ub4dor\nauth_pass $PASS\n",
        "$A=Tr0ub4dor\n$B=x${A}y\nauth_pass ${B}\n",
        "SSL {\n  password Tr0ub4dor\n}\n",
        "@lb1 auth_pass Tr0ub4dor\n",
        "@lb1 $PASS=Tr0ub4dor\nauth_pass $PASS\n"
      })
  void secretsGo(String text) {
    KeepalivedSecrets secrets = new KeepalivedSecrets();
    secrets.learn(text);
    String clean = secrets.removed(text);
    assertFalse(clean.contains(SECRET), clean);
    assertEquals(text.lines().count(), clean.lines().count(), clean);
    assertEquals(
        braces(text.replaceAll("\\$\\{.*?\\}", "")),
        braces(clean.replaceAll("\\$\\{.*?\\}", "")),
        clean);
  }

  private static String braces(String text) {
    return text.replaceAll("[^{}]", "");
  }

  @Test
  void aSecretInAnotherFileIsKnownToo() {
    KeepalivedSecrets secrets = new KeepalivedSecrets();
    secrets.learn("$PASS=" + SECRET + "\ninclude more.conf\n");
    secrets.learn("auth_pass $PASS\n");
    assertFalse(secrets.removed("$PASS=" + SECRET + "\ninclude more.conf\n").contains(SECRET));
  }

  @Test
  void everythingElseStaysAsItIs() {
    String text =
        """
        vrrp_script chk {
          script "/bin/check --password from-file"
        }
        vrrp_instance a {
          virtual_ipaddress { 192.0.2.1/24 dev eth0 } # passwords
        }
        """;
    KeepalivedSecrets secrets = new KeepalivedSecrets();
    secrets.learn(text);
    assertEquals(text, secrets.removed(text));
  }
}
