package dev.tutti.proto.access;

import dev.tutti.proto.failure.Reason;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with a host's key and certificate and the CA of its cluster. It is read again whenever
 * its files have changed, so that a renewed certificate needs no restart. Files that cannot be read
 * or do not belong together, as in the middle of a renewal, leave the former ones in use.
 */
public final class Certificates {
    /** The certificates of the CA, or of several while one replaces another. */
    public static final String AUTHORITY = "ca.crt";

    /** The host's certificate. */
    public static final String CERTIFICATE = "tls.crt";

    /** The host's private key, PKCS #8. */
    public static final String KEY = "tls.key";

    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
    private static final long FILE_BYTES_MAX = 1 << 20;
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

    /** What the files held when they were read. */
    record Loaded(PrivateKey key, X509Certificate certificate, List<X509Certificate> authorities) {}

    private final Path folder;
    private List<Object> stamp;
    private Loaded loaded;

    private Certificates(Path folder) {
        this.folder = folder;
        this.stamp = stampOf(folder);
        this.loaded = load(folder);
    }

    /**
     * Reads the certificates of a folder.
     *
     * @throws AccessException if a file is missing, malformed, or does not belong to the others
     */
    public static Certificates in(Path folder) {
        return new Certificates(folder);
    }

    /** Returns the folder. */
    public Path folder() {
        return folder;
    }

    /** Returns until when this host's certificate is valid. */
    public Instant expiry() {
        return current().certificate().getNotAfter().toInstant();
    }

    /** Returns the names and addresses that this host's certificate is for. */
    public List<String> names() {
        return namesOf(current().certificate());
    }

    /** Returns the names and addresses that a certificate is for. */
    public static List<String> namesOf(X509Certificate certificate) {
        try {
            var all = certificate.getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .filter(name ->
                                    name.get(0) instanceof Integer kind
                                            && (kind == DNS_NAME || kind == IP_ADDRESS))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException _) {
            return List.of();
        }
    }

    /** Returns a context whose every handshake takes the files as they are then. */
    public SslContext server() {
        return new FreshSslContext(false, this);
    }

    /** Returns a context whose every handshake takes the files as they are then. */
    public SslContext client() {
        return new FreshSslContext(true, this);
    }

    /**
     * Returns a context for one handshake. With a new one for each there is no session to resume,
     * so that no peer gets around having its certificate looked at.
     */
    SslContext context(boolean client) throws SSLException {
        var files = current();
        var builder =
                client
                        ? SslContextBuilder.forClient()
                                .keyManager(files.key(), files.certificate())
                                .endpointIdentificationAlgorithm("HTTPS")
                        : SslContextBuilder.forServer(files.key(), files.certificate())
                                .clientAuth(ClientAuth.REQUIRE);
        return GrpcSslContexts.configure(builder, SslProvider.JDK)
                .trustManager(files.authorities())
                .protocols("TLSv1.3")
                .build();
    }

    synchronized Loaded current() {
        var now = stampOf(folder);
        if (!now.equals(stamp)) {
            stamp = now;
            try {
                loaded = load(folder);
                LOG.info("read the certificates in {} again", folder);
            } catch (AccessException e) {
                LOG.warn("{}; the former certificates stay in use", e.getMessage());
            }
        }
        return loaded;
    }

    private static List<Object> stampOf(Path folder) {
        var stamp = new ArrayList<Object>();
        for (var name : List.of(AUTHORITY, CERTIFICATE, KEY)) {
            try {
                stamp.add(Files.getLastModifiedTime(folder.resolve(name)));
                stamp.add(Files.size(folder.resolve(name)));
            } catch (IOException _) {
                stamp.add("absent");
            }
        }
        return stamp;
    }

    private static Loaded load(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new AccessException(
                    "%s is no folder of certificates; tutti certs makes one".formatted(folder));
        }
        var key = key(folder.resolve(KEY));
        var certificate = certificates(folder.resolve(CERTIFICATE)).getFirst();
        var authorities = certificates(folder.resolve(AUTHORITY));
        if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())
                || !belong(key, certificate)) {
            throw new AccessException(
                    "%s is not the key of %s in %s".formatted(KEY, CERTIFICATE, folder));
        }
        if (authorities.stream().noneMatch(authority -> issued(authority, certificate))) {
            throw new AccessException(
                    "%s in %s was not issued by the CA in %s beside it"
                            .formatted(CERTIFICATE, folder, AUTHORITY));
        }
        return new Loaded(key, certificate, authorities);
    }

    private static boolean belong(PrivateKey key, X509Certificate certificate) {
        try {
            var algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
            var signature = java.security.Signature.getInstance(algorithm);
            var probe = new byte[] {1, 2, 3};
            signature.initSign(key);
            signature.update(probe);
            var signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static boolean issued(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static List<X509Certificate> certificates(Path file) {
        try {
            var found = new ArrayList<X509Certificate>();
            var in = new ByteArrayInputStream(bytes(file));
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                found.add((X509Certificate) each);
            }
            if (found.isEmpty()) {
                throw new AccessException("%s holds no certificate".formatted(file));
            }
            return List.copyOf(found);
        } catch (GeneralSecurityException _) {
            throw new AccessException("%s holds no X.509 certificate in PEM form".formatted(file));
        }
    }

    private static PrivateKey key(Path file) {
        var text = new String(bytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        var found = PRIVATE_KEY.matcher(text);
        if (found.find()) {
            try {
                var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1)));
                for (var algorithm : List.of("EC", "RSA")) {
                    try {
                        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
                    } catch (java.security.spec.InvalidKeySpecException _) {
                        // Perhaps of the other kind.
                    }
                }
            } catch (GeneralSecurityException | IllegalArgumentException _) {
                // Said below.
            }
        }
        throw new AccessException(
                "%s holds no private key in PEM form (PKCS #8, EC or RSA)".formatted(file));
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new AccessException("%s is too large".formatted(file));
            }
            return Files.readAllBytes(file);
        } catch (java.nio.file.NoSuchFileException _) {
            throw new AccessException(
                    "there is no %s; tutti certs makes %s, %s and %s for each host"
                            .formatted(file, AUTHORITY, CERTIFICATE, KEY));
        } catch (IOException e) {
            throw new AccessException("cannot read %s: %s".formatted(file, Reason.of(e, file)));
        }
    }
}
