package dev.tutti.worker.data.source;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Forms of data that are not read, by the endings of their files, with the way out. */
public final class OtherForms {
    private static final String PANDAS =
            "write it as CSV: pandas.%s(\"%s\").to_csv(\"data.csv\", index=False)";
    private static final String NUMPY =
            "write its arrays for NumPy: numpy.savez(\"data.npz\", x=…, y=…), after %s(\"%s\")";

    private static final List<Form> FORMS =
            List.of(
                    new Form(
                            "Feather or Arrow",
                            PANDAS,
                            "read_feather",
                            List.of("feather", "arrow")),
                    new Form("ORC", PANDAS, "read_orc", List.of("orc")),
                    new Form("Excel", PANDAS, "read_excel", List.of("xlsx", "xls", "ods")),
                    new Form("JSON", PANDAS, "read_json", List.of("json", "jsonl")),
                    new Form("Stata", PANDAS, "read_stata", List.of("dta")),
                    new Form("SPSS", PANDAS, "read_spss", List.of("sav")),
                    new Form("SAS", PANDAS, "read_sas", List.of("sas7bdat", "xpt")),
                    new Form("Python's pickle", PANDAS, "read_pickle", List.of("pkl", "pickle")),
                    new Form("HDF5", NUMPY, "h5py.File", List.of("h5", "hdf5")),
                    new Form("MATLAB", NUMPY, "scipy.io.loadmat", List.of("mat")),
                    new Form("ARFF", NUMPY, "scipy.io.arff.loadarff", List.of("arff")),
                    new Form("PyTorch", NUMPY, "torch.load", List.of("pt", "pth")),
                    new Form(
                            "an archive",
                            "unpack it",
                            "",
                            List.of("zip", "tar", "tgz", "tar.gz", "bz2", "xz", "7z", "rar")));

    private OtherForms() {}

    /**
     * A form.
     *
     * @param way out, in which the reader and the file are named
     * @param reader the function of Python that reads it
     */
    private record Form(String name, String way, String reader, List<String> endings) {
        boolean endsIn(String file) {
            return endings.stream().anyMatch(ending -> file.endsWith("." + ending));
        }
    }

    /** Returns the words for a file whose ending says that it is of such a form. */
    public static Optional<String> refusal(String file) {
        var name = file.toLowerCase(Locale.ROOT);
        return FORMS.stream()
                .filter(form -> form.endsIn(name))
                .map(form ->
                        "%s: the form is %s, which is not read: %s"
                                .formatted(
                                        file,
                                        form.name(),
                                        form.way().formatted(form.reader(), file)))
                .findFirst();
    }
}
