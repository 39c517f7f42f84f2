"""Writes the Parquet files in this folder, whose numbers the tests know; made with pyarrow 25.0.1."""

import datetime
import decimal

import pyarrow
from pyarrow import parquet

rows = range(6)
table = pyarrow.table(
    {
        "f4": pyarrow.array([row + 0.5 for row in rows], "float32"),
        "f8": pyarrow.array([row / 4 for row in rows], "float64"),
        "i8": pyarrow.array([-row for row in rows], "int64"),
        "u4": pyarrow.array([4000000000 + 256 * row for row in rows], "uint32"),
        "b": pyarrow.array([row % 2 == 1 for row in rows]),
        "d": pyarrow.array([decimal.Decimal(100 * row + 25) / 100 for row in rows], pyarrow.decimal128(9, 2)),
        "y": pyarrow.array(["dog" if row % 2 == 0 else "cat" for row in rows]),
    }
)
plain = {"store_decimal_as_integer": True}
for codec in ["snappy", "zstd", "gzip", "none"]:
    parquet.write_table(table, codec + ".parquet", compression=codec, **plain)
parquet.write_table(table, "pages2.parquet", data_page_version="2.0", use_dictionary=False, **plain)
parquet.write_table(table, "groups.parquet", row_group_size=2, **plain)


def write(name, columns, **options):
    parquet.write_table(pyarrow.table(columns), name + ".parquet", **options)


write("missing", {"a": [1.0, 2.0, None], "y": [0, 1, 0]})
write("words", {"a": [1.0, 2.0], "w": ["u", "v"], "y": [0, 1]})
write("dates", {"t": [datetime.datetime(2026, 1, 1)] * 2, "y": [0, 1]})
write("lists", {"l": [[1.0], [2.0, 3.0]], "y": [0, 1]})
write("brotli", {"a": [1.0, 2.0], "y": [0, 1]}, compression="brotli")
write("large", {"a": [1.0, 1e300], "y": [0, 1]})
write("index", {"a": [1.0, 2.0], "y": [0, 1], "__index_level_0__": [7, 9]})
write(
    "mixed",
    {
        "a": [1.5, None, float("nan"), 4.25, 5.0, 6.0] * 4,
        "w": pyarrow.array(["u", "v", None, "u", "?", "v"] * 4).dictionary_encode(),
        "n": [1, 2, 3, 4, 5, None] * 4,
        "y": ["dog", "cat", "dog", "cat", "dog", "cat"] * 4,
    },
)
write("text", {"a": [1.0] * 12, "t": ["word %d" % row for row in range(12)], "y": [0, 1] * 6})
write("targets", {"a": [1.0, 2.0, 3.0, 4.0], "y": ["u", None, "v", "u"]})
