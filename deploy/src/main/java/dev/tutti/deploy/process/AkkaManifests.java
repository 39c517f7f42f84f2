package dev.tutti.deploy.process;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;

/**
 * Shows Akka the manifests of its own archives alone, whose versions it compares at each start. It
 * would read those of all the others too, and have the signatures of the signed ones verified, for
 * nothing: that was a tenth of a start.
 */
final class AkkaManifests extends ClassLoader {
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    AkkaManifests(ClassLoader parent) {
        super(parent);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        var all = super.getResources(name);
        if (!name.equals(MANIFEST)) {
            return all;
        }
        return Collections.enumeration(
                Collections.list(all).stream()
                        .filter(url -> url.getPath().contains("/akka-"))
                        .toList());
    }
}
