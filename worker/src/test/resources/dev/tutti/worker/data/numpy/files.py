"""Writes the files of NumPy in this folder, whose numbers the tests know; made with NumPy 1.24."""

import numpy

counted = numpy.arange(12).reshape(4, 3)
for descr in ["<f2", ">f4", "<f8", "|i1", ">i2", "<i4", ">i8", "|u1", "<u2", ">u4", "<u8"]:
    numpy.save(descr.strip("<>|") + ".npy", counted.astype(descr))
numpy.save("bool.npy", counted % 2 == 1)
numpy.save("fortran.npy", numpy.asfortranarray(counted.astype("f4")))
for major in [2, 3]:
    with open("version%d.npy" % major, "wb") as file:
        numpy.lib.format.write_array(file, counted.astype("f4"), version=(major, 0))

numpy.save("objects.npy", numpy.array([{}, 1], dtype=object))
numpy.save("records.npy", numpy.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
numpy.save("words.npy", numpy.array(["cat", "dog"]))
numpy.save("complex.npy", numpy.zeros(2, dtype="c8"))

pixels = numpy.arange(4 * 5 * 6 * 3, dtype="u1").reshape(4, 5, 6, 3)
numpy.savez_compressed(
    "keras.npz",
    x_train=pixels[:3],
    y_train=numpy.array([[2], [1], [2]], dtype="u1"),
    x_test=pixels[3:],
    y_test=numpy.array([[4]], dtype="u1"),
)
numpy.savez("fortran.npz", x=numpy.asfortranarray(counted.astype(">f8")), y=numpy.array([-1, 1, -1, 1]))
