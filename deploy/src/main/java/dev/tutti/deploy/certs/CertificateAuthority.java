package dev.tutti.deploy.certs;

import dev.tutti.deploy.cli.ExitCode;
import dev.tutti.deploy.cli.UserException;
import dev.tutti.proto.access.Certificates;
import dev.tutti.proto.access.Hosts;
import dev.tutti.proto.failure.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A CA in a folder: its key and certificate, and a folder for each host with what goes there. Keys
 * are of the curve P-256. All files are for their owner alone, and appear whole or not at all.
 */
public final class CertificateAuthority {
    private static final String KEY = "ca.key";
    private static final Duration VALIDITY = Duration.ofDays(3650);

    /** Clocks of a cluster may differ by so much. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private static final int SERIAL_BITS = 127;

    private final Path folder;
    private final PrivateKey key;
    private final X509Certificate certificate;

    private CertificateAuthority(Path folder, PrivateKey key, X509Certificate certificate) {
        this.folder = folder;
        this.key = key;
        this.certificate = certificate;
    }

    /**
     * Returns the CA of a folder, which is made if there is none.
     *
     * @param now from when a new one is valid
     */
    public static CertificateAuthority in(Path folder, Instant now) throws IOException {
        try {
            var made = folder.resolve(Certificates.AUTHORITY);
            if (!Files.exists(made)) {
                return create(folder, now);
            }
            var certificate = readCertificate(made);
            var spec = new PKCS8EncodedKeySpec(readPem(folder.resolve(KEY)));
            var key = KeyFactory.getInstance("EC").generatePrivate(spec);
            return new CertificateAuthority(folder, key, certificate);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new UserException(
                    ExitCode.DATA,
                    "the CA in %s cannot be used: %s".formatted(folder, Reason.of(e, folder)));
        }
    }

    private static CertificateAuthority create(Path folder, Instant now)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        var pair = newPair();
        var name = new X500Principal("CN=Tutti CA " + new BigInteger(32, new SecureRandom()));
        var builder = builder(name, name, pair, now, VALIDITY);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        var certificate = sign(builder, pair.getPrivate());
        makeFolder(folder);
        write("PRIVATE KEY", pair.getPrivate().getEncoded(), folder.resolve(KEY));
        write("CERTIFICATE", certificate.getEncoded(), folder.resolve(Certificates.AUTHORITY));
        return new CertificateAuthority(folder, pair.getPrivate(), certificate);
    }

    /** Returns the hosts that have a certificate here, with the names in it. */
    public List<HostCertificate> hosts() throws IOException {
        var found = new ArrayList<HostCertificate>();
        try (var folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (var host : folders) {
                var issued = host.resolve(Certificates.CERTIFICATE);
                if (Files.exists(issued)) {
                    found.add(
                            new HostCertificate(
                                    host.getFileName().toString(),
                                    Certificates.namesOf(readCertificate(issued))));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new UserException(
                    ExitCode.DATA,
                    "a certificate in %s cannot be read: %s"
                            .formatted(folder, Reason.of(e, folder)));
        }
        return List.copyOf(found);
    }

    /**
     * Makes a key and a certificate for a host, as a client and as a server.
     *
     * @return the host's folder
     */
    public Path issue(HostCertificate host, Instant now, Duration validity) throws IOException {
        try {
            var pair = newPair();
            var builder =
                    builder(
                            certificate.getSubjectX500Principal(),
                            new X500Principal("CN=" + host.host()),
                            pair,
                            now,
                            validity);
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(
                            new KeyPurposeId[] {
                                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                            }));
            builder.addExtension(Extension.subjectAlternativeName, false, names(host));
            var issued = sign(builder, key);
            var out = folder.resolve(host.host());
            makeFolder(out);
            write("CERTIFICATE", certificate.getEncoded(), out.resolve(Certificates.AUTHORITY));
            write("PRIVATE KEY", pair.getPrivate().getEncoded(), out.resolve(Certificates.KEY));
            write("CERTIFICATE", issued.getEncoded(), out.resolve(Certificates.CERTIFICATE));
            return out;
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new UserException(
                    ExitCode.DATA,
                    "the CA in %s cannot be used: %s".formatted(folder, Reason.of(e, folder)));
        }
    }

    private static GeneralNames names(HostCertificate host) {
        return new GeneralNames(
                host.names().stream()
                        .map(name ->
                                new GeneralName(
                                        Hosts.isAddress(name)
                                                ? GeneralName.iPAddress
                                                : GeneralName.dNSName,
                                        name))
                        .toArray(GeneralName[]::new));
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer,
            X500Principal subject,
            KeyPair pair,
            Instant now,
            Duration validity)
            throws GeneralSecurityException, CertIOException {
        var builder =
                new JcaX509v3CertificateBuilder(
                        issuer,
                        new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0),
                        Date.from(now.minus(CLOCK_SKEW)),
                        Date.from(now.plus(validity)),
                        subject,
                        pair.getPublic());
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        return builder;
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException, OperatorCreationException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    }

    private static KeyPair newPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
        return generator.generateKeyPair();
    }

    private static void makeFolder(Path folder) throws IOException {
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static void write(String kind, byte[] content, Path out) throws IOException {
        var text = new StringWriter();
        try (var pem = new PemWriter(text)) {
            pem.writeObject(new PemObject(kind, content));
        }
        // Temporary files are for their owner alone from the start.
        var part = Files.createTempFile(out.toAbsolutePath().getParent(), "", ".part");
        Files.writeString(part, text.toString());
        Files.move(part, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static X509Certificate readCertificate(Path file)
            throws IOException, GeneralSecurityException {
        var bytes = new ByteArrayInputStream(Files.readAllBytes(file));
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(bytes);
    }

    private static byte[] readPem(Path file) throws IOException, GeneralSecurityException {
        try (var pem = new PemReader(new StringReader(Files.readString(file)))) {
            var found = pem.readPemObject();
            if (found == null) {
                throw new GeneralSecurityException("%s holds no key".formatted(file));
            }
            return found.getContent();
        }
    }
}
