package dev.tutti.worker.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DelimiterChoiceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            textBlock =
                    """
                    a,b/1,2                                     ! comma
                    a;b/1;2                                     ! semicolon
                    a|b|c/1|2|3                                 ! bar
                    `a	b/1	2`                              ! tab
                    a b/1 2                                     ! blanks
                    `  1   2/ 10  20`                           ! blanks
                    a;b/5,1;3,5/4,9;3,0                         ! semicolon
                    5,1;3,5/4,9;3,0                             ! semicolon
                    `5,1	3,5/4,9	3,0`                    ! tab
                    5,1 3,5/4,9 3,0                             ! blanks
                    a,b/1;2,3;4                                 ! comma
                    a;b/Doe, Ann;2/Roe, Bob;3                   ! semicolon
                    a,b/x;y,1/z;w,2                             ! comma
                    `name,age/"Doe; Ann",5/"a;b;c",6`           ! comma
                    51, Private, 13/38, State-gov, 9            ! comma
                    a b;c d/Ann Lee;1/Bob Roe;2                 ! semicolon
                    `x y	z/a b	c/d e	f`              ! tab
                    `32.7  4 	"car 1"/18.2 8	"car 2"` ! blanks
                    `"a","b"/5.1,"x"`                           ! comma
                    `x y/"1" 5.1 3/"2" 4.9 2/"3" 4.0 1`         ! blanks
                    a;b;/1;2/3;4                                ! semicolon
                    a;b;c/1;2;3/1;2/4;5;6/7;8;9                 ! semicolon
                    alone/1/2                                   ! comma
                    ``                                          ! comma
                    """)
    void theDelimiterIsFoundOut(String lines, String expected) throws IOException {
        assertThat(rows(lines).delimiter()).hasToString(expected);
    }

    @Test
    void aRunOfBlanksOutsideQuotesIsOneDelimiter() throws IOException {
        var read = cells("  a \t b  / 1\t\"x  \"\"y\"\" \"   /  -2  5\"  ", Optional.empty());
        assertThat(read)
                .containsExactly(List.of("a", "b"), List.of("1", "x  \"y\""), List.of("-2", "5\""));
    }

    @Test
    void theDelimiterGivenIsTaken() throws IOException {
        assertThat(cells("a,b;c/1,2;3", Optional.of(Delimiter.parse("SEMICOLON"))))
                .containsExactly(List.of("a,b", "c"), List.of("1,2", "3"));
        assertThat(cells("a~b/1~2", Optional.of(Delimiter.parse("~"))))
                .containsExactly(List.of("a", "b"), List.of("1", "2"));
        assertThat(Delimiter.parse("\\t")).isEqualTo(Delimiter.TAB);
        assertThat(Delimiter.parse(" ")).isEqualTo(Delimiter.BLANKS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            textBlock =
                    """
                    sep=;/a;b,c;d/1;2;3      ! semicolon
                    SEP=,/a,b;c;d/1,2;3;4    ! comma
                    "sep=|"/a|b/1|2          ! bar
                    `sep=	/a	b/1	2`      ! tab
                    sep=;                    ! semicolon
                    """)
    void aFirstLineSaysTheDelimiterAndIsNoRow(String lines, String expected) throws IOException {
        try (var rows = rows(lines)) {
            assertThat(rows.delimiter()).hasToString(expected);
            assertThat(rows.delimiterOrigin()).isEqualTo(Rows.DelimiterOrigin.FIRST_LINE);
            if (rows.next()) {
                assertThat(rows.line()).isEqualTo(2);
                assertThat(rows.cell(0)).isEqualTo("a");
            }
        }
    }

    @Test
    void theOptionGoesBeforeTheFirstLine() throws IOException {
        assertThat(cells("sep=;/a;b,c/1;2,3", Optional.of(Delimiter.COMMA)))
                .containsExactly(List.of("a;b", "c"), List.of("1;2", "3"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sep=a", "sep=5", "sep=;;", "sep", "separator=;", "x sep=;"})
    void otherFirstLinesAreRows(String line) throws IOException {
        assertThat(cells(line + "/1/2", Optional.of(Delimiter.BAR)))
                .containsExactly(List.of(line), List.of("1"), List.of("2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "\"", "5", "x", ".", "-", "\n"})
    void whatCellsAreMadeOfIsNoDelimiter(String text) {
        assertThatThrownBy(() -> Delimiter.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNameIsReadBackAsItsDelimiter() {
        for (var delimiter : Delimiter.FOUND_OUT) {
            assertThat(Delimiter.parse(delimiter.toString())).isEqualTo(delimiter);
        }
    }

    @Test
    void linesLongerThanAHeadAreLookedAtWhole() throws IOException {
        var line = "0;1".repeat(100_000);
        assertThat(cells("%s/%s/%s".formatted(line, line, line), Optional.empty()))
                .hasSize(3)
                .allSatisfy(row -> assertThat(row).hasSize(100_001));
    }

    private static Rows rows(String lines) throws IOException {
        return Rows.of(text(lines), Optional.empty(), Optional.empty(), true);
    }

    private static List<List<String>> cells(String lines, Optional<Delimiter> delimiter)
            throws IOException {
        var read = new ArrayList<List<String>>();
        try (var rows = Rows.of(text(lines), delimiter, Optional.empty(), true)) {
            while (rows.next()) {
                read.add(rows.cells());
            }
        }
        return read;
    }

    private static DecodedText text(String lines) throws IOException {
        var bytes = lines.replace('/', '\n').getBytes(StandardCharsets.UTF_8);
        return DecodedText.of(new ByteArrayInputStream(bytes), Optional.empty());
    }
}
