package dev.tutti.proto.access;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.StandardConstants;

/** Accepts any name that a peer asks for, and remembers it for the message if the peer leaves. */
final class AskedName extends SNIMatcher {
    private volatile String name = "";

    AskedName() {
        super(StandardConstants.SNI_HOST_NAME);
    }

    @Override
    public boolean matches(SNIServerName asked) {
        name = asked instanceof SNIHostName host ? host.getAsciiName() : "";
        return true;
    }

    /** Returns the name; empty if the peer gave none, as for an address. */
    String name() {
        return name;
    }
}
