package dev.tutti.deploy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tutti.common.coding.ColumnCoding;
import dev.tutti.common.coding.FeatureCoding;
import dev.tutti.common.coding.MissingRule;
import dev.tutti.common.data.Standardization;
import dev.tutti.worker.data.source.Coding;
import dev.tutti.worker.data.table.MissingTokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodingMetadataTest {
    @Test
    void aCodingIsReadAsItWasWritten() throws JsonProcessingException {
        var coding =
                new Coding(
                                MissingRule.CLASS,
                                MissingTokens.of(List.of("-9", "Ü,\"")),
                                true,
                                true,
                                Optional.empty())
                        .with(
                                new FeatureCoding(
                                        List.of(
                                                new ColumnCoding.Numbers(
                                                        "n", OptionalDouble.of(0.1)),
                                                new ColumnCoding.OneHot(
                                                        "w",
                                                        List.of("", "a \"b\""),
                                                        OptionalInt.of(0)),
                                                new ColumnCoding.Index(
                                                        "i", List.of("é"), OptionalInt.empty())),
                                        Optional.of(
                                                new Standardization(
                                                        List.of(1.7e12, 0.0, 0.0, 0.0),
                                                        List.of(0.3, 1.0, 1.0, 1.0)))));
        assertThat(again(coding)).isEqualTo(coding);
    }

    @Test
    void whatIsAsEverTakesNoText() throws JsonProcessingException {
        var coding =
                Coding.STANDARD.with(
                        new FeatureCoding(
                                List.of(new ColumnCoding.Numbers("n", OptionalDouble.empty())),
                                Optional.empty()));
        var metadata = new HashMap<String, String>();
        CodingMetadata.write(coding, metadata);
        assertThat(metadata).isEmpty();
        assertThat(CodingMetadata.read(metadata, List.of("n"))).isEqualTo(coding);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    [{"column":"m"}]                                                 | its coding does not give its features
                    [{"form":"one-hot"}]                                             | its coding has a column without a name
                    [{"column":"n","fill":1e999}]                                    | its coding has a column without a name, or a fill that is no number
                    [{"column":"n","form":"index"}]                                  | its column n lacks categories
                    [{"column":"n","form":"index","categories":[null]}]              | its column n lacks categories
                    [{"column":"n","form":"index","categories":["a"],"fill":1}]      | its column n has no category 1
                    [{"column":"n","form":"thermometer","categories":["a"]}]         | its column n has the form "thermometer", expected one-hot or index
                    """)
    void aCodingThatCannotBeIsRefused(String text, String message) {
        assertThatThrownBy(() -> CodingMetadata.read(Map.of("tutti.coding", text), List.of("n")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private static Coding again(Coding coding) throws JsonProcessingException {
        var metadata = new HashMap<String, String>();
        CodingMetadata.write(coding, metadata);
        return CodingMetadata.read(metadata, coding.fitted().orElseThrow().featureNames());
    }
}
