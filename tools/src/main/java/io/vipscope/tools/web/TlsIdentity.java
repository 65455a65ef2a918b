package io.vipscope.tools.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.vipscope.capture.CaptureException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What the page proves itself with over TLS: a certificate, those that lead to its authority after
 * it, and the private key of the first.
 */
public final class TlsIdentity {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final char[] NO_PASSWORD = {};

  private TlsIdentity() {}

  /**
   * Reads both files, PEM; the key as PKCS#8 without a password: RSA, EC, Ed25519 or Ed448.
   *
   * @throws CaptureException if one cannot be read, holds something else, or the key is another's
   */
  public static SSLContext read(Path certificateFile, Path keyFile) {
    List<Certificate> chain = certificates(certificateFile);
    PublicKey publicKey = chain.getFirst().getPublicKey();
    try {
      PrivateKey key = key(keyFile, publicKey);
      if (!belongTogether(key, publicKey)) {
        throw new CaptureException(
            keyFile + ": is not the key of the first certificate in " + certificateFile);
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("page", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new CaptureException(
          keyFile + ": cannot be used with " + certificateFile + ": " + e.getMessage(), e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      String reason =
          switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage());
          };
      throw new CaptureException(file + ": cannot be read: " + reason, e);
    }
  }

  private static List<Certificate> certificates(Path file) {
    List<Certificate> chain = new ArrayList<>();
    Matcher block = BLOCK.matcher(text(file));
    while (block.find()) {
      if (block.group(1).equals("CERTIFICATE")) {
        byte[] der = decoded(file, block);
        try {
          chain.add(
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der)));
        } catch (CertificateException e) {
          throw new CaptureException(
              file + ": certificate " + (chain.size() + 1) + " is none that can be read", e);
        }
      }
    }
    if (chain.isEmpty()) {
      throw new CaptureException(
          file + ": expected a certificate in PEM (-----BEGIN CERTIFICATE-----), found none");
    }
    return chain;
  }

  private static PrivateKey key(Path file, PublicKey of) throws GeneralSecurityException {
    Matcher block = BLOCK.matcher(text(file));
    String other = "none";
    while (block.find()) {
      String kind = block.group(1);
      if (kind.equals("PRIVATE KEY")) {
        try {
          return KeyFactory.getInstance(of.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(decoded(file, block)));
        } catch (InvalidKeySpecException e) {
          throw new CaptureException(
              file + ": expected a key of the certificate's kind, " + of.getAlgorithm(), e);
        }
      }
      if (kind.endsWith("PRIVATE KEY")) {
        other = "BEGIN " + kind + " ('openssl pkcs8 -topk8 -nodes' converts it)";
      }
    }
    throw new CaptureException(
        file
            + ": expected a PKCS#8 key in PEM without a password (-----BEGIN PRIVATE KEY-----),"
            + " found "
            + other);
  }

  private static byte[] decoded(Path file, Matcher block) {
    try {
      return Base64.getMimeDecoder().decode(block.group(2));
    } catch (IllegalArgumentException e) {
      throw new CaptureException(
          file + ": the " + block.group(1).toLowerCase(java.util.Locale.ROOT) + " is no base64", e);
    }
  }

  /** Whether what the one signs the other confirms. */
  private static boolean belongTogether(PrivateKey key, PublicKey publicKey)
      throws GeneralSecurityException {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> publicKey.getAlgorithm();
        };
    byte[] sample = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    try {
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(sample);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException _) {
      return false; // of another curve, or size
    }
  }
}
