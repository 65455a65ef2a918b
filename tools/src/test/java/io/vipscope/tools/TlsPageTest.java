package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page over TLS, with certificates made by keytool, asked by a client that checks them. */
class TlsPageTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path folder;

  private static final Map<String, Made> MADE = new HashMap<>();

  /** A certificate for 127.0.0.1 and its key, as PEM files. */
  private record Made(Path certificate, Path key, KeyStore store) {}

  @BeforeAll
  static void certificates() throws Exception {
    make("page", "EC -groupname secp256r1");
    make("other", "EC -groupname secp256r1");
    make("curve", "EC -groupname secp384r1");
    make("rsa", "RSA -keysize 2048");
    make("edwards", "Ed25519");
    pem("bad.crt", "CERTIFICATE", new byte[] {1, 2, 3});
    pem("old.key", "EC PRIVATE KEY", new byte[] {1, 2, 3});
    pem("locked.key", "ENCRYPTED PRIVATE KEY", new byte[] {1, 2, 3});
  }

  private static Made made(String name) {
    return Objects.requireNonNull(MADE.get(name));
  }

  private static void make(String name, String algorithm) throws Exception {
    Path file = folder.resolve(name + ".p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "page",
                "-dname",
                "CN=sensor",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD),
                "-keyalg"));
    command.addAll(List.of(algorithm.split(" ", -1)));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
    MADE.put(
        name,
        new Made(
            pem(name + ".crt", "CERTIFICATE", store.getCertificate("page").getEncoded()),
            pem(name + ".key", "PRIVATE KEY", store.getKey("page", PASSWORD).getEncoded()),
            store));
  }

  private static Path pem(String name, String kind, byte[] der) throws IOException {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
  }

  private static HttpClient client(KeyStore trusted) throws Exception {
    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("page", trusted.getCertificate("page"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(certificates);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(context).build();
  }

  private static HttpRequest ask(Page page, String path) {
    return HttpRequest.newBuilder(URI.create(page.url() + path)).build();
  }

  private static String[] audit(Path certificate, Path key, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "audit",
                "-r",
                DEMO.capture().toString(),
                "--hosts",
                DEMO.folder().resolve("snapshots").toString(),
                "--tls-cert",
                certificate.toString(),
                "--tls-key",
                key.toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "curve", "rsa", "edwards"})
  void pageAndItsEventsComeOverTls(String name) throws Exception {
    Made made = made(name);
    try (Page page = Page.open(audit(made.certificate(), made.key()));
        HttpClient client = client(made.store())) {
      assertTrue(page.url().startsWith("https://127.0.0.1:"), page.url());
      HttpResponse<String> home = client.send(ask(page, ""), HttpResponse.BodyHandlers.ofString());
      assertEquals(200, home.statusCode());
      assertTrue(home.sslSession().orElseThrow().getProtocol().equals("TLSv1.3"));
      assertTrue(home.body().contains("<title>vipscope</title>"));
      HttpResponse<InputStream> events =
          client.send(ask(page, "events"), HttpResponse.BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
        assertEquals("event: change", lines.readLine());
      }
    }
  }

  @Test
  void anothersCertificateIsNotTrustedAndPlainTextNotAnswered() throws Exception {
    Made made = made("page");
    try (Page page = Page.open(audit(made.certificate(), made.key()));
        HttpClient stranger = client(made("other").store())) {
      HttpRequest tls = ask(page, "");
      assertThrows(
          SSLHandshakeException.class,
          () -> stranger.send(tls, HttpResponse.BodyHandlers.ofString()));
      HttpRequest plain =
          HttpRequest.newBuilder(URI.create(page.url().replace("https", "http"))).build();
      assertThrows(
          IOException.class, () -> stranger.send(plain, HttpResponse.BodyHandlers.ofString()));
    }
  }

  @Test
  void tokenIsAskedForOverTlsTooAndItsCookieStaysThere() throws Exception {
    Made made = made("page");
    try (Page page = Page.open(audit(made.certificate(), made.key(), "--token", "s3cret"));
        HttpClient client = client(made.store())) {
      HttpResponse<String> without =
          client.send(ask(page, "api/health"), HttpResponse.BodyHandlers.ofString());
      assertEquals(403, without.statusCode());
      HttpResponse<String> shown =
          client.send(ask(page, "?token=s3cret"), HttpResponse.BodyHandlers.ofString());
      assertEquals(303, shown.statusCode());
      String cookie = shown.headers().firstValue("Set-Cookie").orElse("");
      assertTrue(cookie.endsWith("; Secure"), cookie);
    }
  }

  /** With TLS an address that others reach is allowed; this one is none of this machine. */
  @Test
  void otherAddressesMayBeUsedWithTls() {
    Made made = made("page");
    Cli run = Cli.run(audit(made.certificate(), made.key(), "--serve", "192.0.2.1:8443"));
    assertEquals(3, run.code());
    assertTrue(run.err().contains("cannot be listened on"), run.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "absent.crt | page.key | absent.crt: cannot be read: no such file",
        "page.crt | absent.key | absent.key: cannot be read: no such file",
        "page.key | page.key | page.key: expected a certificate in PEM",
        "bad.crt | page.key | bad.crt: certificate 1 is none that can be read",
        "page.crt | page.crt | page.crt: expected a PKCS#8 key in PEM without a password",
        "page.crt | old.key | found BEGIN EC PRIVATE KEY ('openssl pkcs8 -topk8 -nodes' converts",
        "page.crt | locked.key | found BEGIN ENCRYPTED PRIVATE KEY",
        "page.crt | other.key | other.key: is not the key of the first certificate in",
        "page.crt | curve.key | curve.key: is not the key of the first certificate in",
        "page.crt | rsa.key | rsa.key: expected a key of the certificate's kind, EC",
      })
  void badFilesAreExit3(String certificate, String key, String sentence) {
    Cli run = Cli.run(audit(folder.resolve(certificate), folder.resolve(key), "--serve", "0"));
    assertEquals(3, run.code(), run.err());
    assertTrue(run.err().contains(sentence), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void halfOfItIsAUsageError() {
    Made made = made("page");
    String demo = DEMO.capture().toString();
    for (String[] args :
        List.of(
            new String[] {"--serve", "0", "--tls-cert", made.certificate().toString()},
            new String[] {"--serve", "0", "--tls-key", made.key().toString()},
            new String[] {
              "--tls-cert", made.certificate().toString(), "--tls-key", made.key().toString()
            })) {
      List<String> all = new ArrayList<>(List.of("audit", "-r", demo));
      all.addAll(List.of(args));
      Cli run = Cli.run(all.toArray(String[]::new));
      assertEquals(2, run.code());
      assertTrue(run.err().contains("expect"), run.err());
    }
  }
}
