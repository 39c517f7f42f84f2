package dev.tutti.deploy;

/**
 * A host and a port, as a user writes them.
 *
 * @param host name or address
 * @param port 0 to 65535
 */
record Address(String host, int port) {
    private static final int PORT_MAX = 65_535;

    /**
     * Reads {@code host:port}.
     *
     * @param option for the message
     */
    static Address parse(String option, String text) {
        var colon = text.lastIndexOf(':');
        if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
            var port = Integer.parseInt(text.substring(colon + 1));
            if (port <= PORT_MAX) {
                return new Address(text.substring(0, colon), port);
            }
        }
        throw new UserException(
                ExitCode.USAGE,
                "%s must be HOST:PORT such as 127.0.0.1:4700, was \"%s\"".formatted(option, text));
    }
}
