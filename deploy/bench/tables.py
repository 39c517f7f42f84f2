#!/usr/bin/python3
"""Compares tables as people have them: one `tutti train` each against scikit-learn's MLP on the same rows.

usage: tables.py [--tutti FILE] [--seeds N] [--only NAME,NAME] [--keep FOLDER] [--workers N]

Debian: python3-sklearn, python3-pandas. Prints a table for docs/DATA.md.

Each table has the form of a well-known one: its names, delimiters, quotes, missing values and classes. Its values
are made up, with a relation that can be learned and noise. Of each there are some thousand rows to train and as many
new ones. Tutti gets one command with the options that the table shows, keeps a fifth of the rows for validation and
test, and predicts the new rows with `tutti predict`. scikit-learn gets four fifths of the rows to train, and what Tutti
has by default: layers of 128 and 64 units, Adam with rate 0.001, batches of 32, 40 epochs; before it, the usual
pipeline: mean or most frequent value, one-hot words, standard scaling. Both predict the same new rows. Figures are
medians over the seeds, which draw other tables. On a busy machine --workers 1 takes less time; it changes no weight.
"""
import argparse
import csv
import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy
import pandas
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, r2_score, recall_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

LAYERS = (128, 64)
EPOCHS = 40
BATCH = 32
TRAIN = 0.8
ROWS = 4000


def write(header, rows, delimiter=",", quoted=False):
    """Returns a table as text; with quoted, all that is no number has quotes."""
    text = io.StringIO()
    style = csv.QUOTE_NONNUMERIC if quoted else csv.QUOTE_MINIMAL
    out = csv.writer(text, delimiter=delimiter, quoting=style, lineterminator="\n")
    if header:
        out.writerow(header)
    out.writerows(rows)
    return text.getvalue()


def hidden(random, *columns):
    """Returns a score of mean 0 and deviation 1 that bends and crosses the columns."""
    scaled = [(column - numpy.mean(column)) / (numpy.std(column) or 1) for column in columns]
    score = sum(random.uniform(0.5, 1.5) * random.choice([-1, 1]) * column for column in scaled)
    for a, b in zip(scaled, scaled[1:]):
        score = score + random.uniform(0.2, 0.6) * numpy.tanh(a) * b
    return (score - score.mean()) / score.std()


def cut(score, shares):
    """Returns a class from 0 on for each score, in these shares."""
    return numpy.digitize(score, numpy.quantile(score, numpy.cumsum(shares)[:-1]))


def noisy(random, score, noise):
    return score + random.normal(0, noise, len(score))


def some(random, cells, share, missing):
    """Returns the cells, a share of them missing."""
    return [missing if random.random() < share else cell for cell in cells]


def rounded(column, digits):
    return [round(float(value), digits) if digits else int(value) for value in column]


def wine(random, n):
    names = ["fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides", "free sulfur dioxide",
             "total sulfur dioxide", "density", "pH", "sulphates", "alcohol"]
    columns = [random.lognormal(mean, 0.3, n) for mean in [2, -1, -1.2, 1, -3, 3, 4, 0, 1.2, -0.6, 2.3]]
    quality = cut(noisy(random, hidden(random, *columns), 0.2), [0.04, 0.4, 0.4, 0.16]) + 4
    rows = zip(*[rounded(column, 3) for column in columns], quality.tolist())
    return write(names + ["quality"], rows, ";", quoted=True)


def adult(random, n):
    age, gain, hours = random.integers(17, 90, n), random.exponential(900, n).astype(int), random.integers(10, 80, n)
    weight, years = random.integers(12000, 400000, n), random.integers(1, 17, n)
    work = random.choice(["Private", "Self-emp-not-inc", "Local-gov", "State-gov"], n, p=[0.7, 0.1, 0.1, 0.1])
    wed = random.choice(["Never-married", "Married-civ-spouse", "Divorced", "Widowed"], n, p=[0.35, 0.45, 0.15, 0.05])
    job = random.choice(["Adm-clerical", "Exec-managerial", "Sales", "Craft-repair", "Other-service"], n)
    sex = random.choice(["Male", "Female"], n)
    land = random.choice(["United-States", "Mexico", "India"], n, p=[0.9, 0.07, 0.03])
    score = hidden(random, age, years, hours, gain) + 0.8 * (wed == "Married-civ-spouse") + 0.6 * (job == "Exec-managerial")
    rich = noisy(random, score, 0.3)
    income = numpy.where(rich > numpy.quantile(rich, 0.76), ">50K", "<=50K")
    school = numpy.array(["School-%d" % (year // 3) for year in years])
    rows = zip(age, some(random, work, 0.05, "?"), weight, school, years, wed, some(random, job, 0.05, "?"),
               random.choice(["Husband", "Not-in-family", "Own-child"], n), random.choice(["White", "Black"], n), sex,
               gain, random.integers(0, 3, n) * 700, hours, some(random, land, 0.02, "?"), income)
    return "".join(", ".join(str(cell) for cell in row) + "\n" for row in rows)


def penguins(random, n):
    kind = random.integers(0, 3, n)
    island = numpy.where(random.random(n) < 0.6, kind, random.integers(0, 3, n))
    bill = random.normal([38.8, 45.5, 47.5], 3.2, (n, 3))[range(n), kind]
    depth = random.normal([18.3, 18.4, 15.9], 1.3, (n, 3))[range(n), kind]
    flipper = random.normal([190, 196, 210], 8, (n, 3))[range(n), kind]
    mass = random.normal([3700, 3733, 4700], 480, (n, 3))[range(n), kind]
    names = ["species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex", "year"]
    rows = zip(numpy.array(["Adelie", "Chinstrap", "Gentoo"])[kind], numpy.array(["Torgersen", "Dream", "Biscoe"])[island],
               some(random, rounded(bill, 1), 0.03, "NA"), some(random, rounded(depth, 1), 0.03, "NA"),
               some(random, rounded(flipper, 0), 0.03, "NA"), some(random, rounded(mass, 0), 0.03, "NA"),
               some(random, random.choice(["male", "female"], n), 0.05, "NA"), random.integers(2007, 2010, n))
    return write(names, rows)


def titanic(random, n):
    place, sex = random.integers(1, 4, n), random.choice(["male", "female"], n, p=[0.65, 0.35])
    age, fare = random.uniform(0.5, 75, n), random.lognormal(4.5, 0.7, n) / place
    with_them, parents = random.poisson(0.5, n), random.poisson(0.4, n)
    score = 1.4 * (sex == "female") - 0.6 * place + hidden(random, age, fare, with_them + parents) * 0.6
    survived = (noisy(random, score, 0.4) > numpy.quantile(score, 0.62)).astype(int)
    names = ["PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Ticket", "Fare", "Cabin", "Embarked"]
    title = numpy.where(sex == "male", "Mr.", "Mrs.")
    rows = zip(range(1, n + 1), survived, place,
               ['Braund-%d, %s Owen ("Harry")' % (i, title[i]) for i in range(n)], sex,
               some(random, rounded(age, 1), 0.2, ""), with_them, parents, ["A/5 %d" % (20000 + i) for i in range(n)],
               rounded(fare, 4), some(random, ["C%d" % (i % 150) for i in range(n)], 0.77, ""),
               some(random, random.choice(["S", "C", "Q"], n, p=[0.7, 0.2, 0.1]), 0.01, ""))
    return write(names, rows)


def abalone(random, n):
    sex, length = random.choice(["M", "F", "I"], n), numpy.clip(random.normal(0.52, 0.12, n), 0.08, 0.82)
    shape = [length * random.normal(ratio, 0.03, n) for ratio in [0.8, 0.27]]
    weights = [length ** 3 * 5.5 * share * random.lognormal(0, 0.15, n) for share in [1, 0.43, 0.22, 0.29]]
    score = 2.2 * hidden(random, length, *shape, *weights) - 1.2 * (sex == "I")
    rings = numpy.clip(numpy.rint(10 + noisy(random, score, 0.9)), 1, 29).astype(int)
    return write(None, zip(sex, *[rounded(abs(c) + 0.001, 4) for c in [length, *shape, *weights]], rings))


def heart(random, n):
    columns = [random.integers(29, 78, n), random.integers(0, 2, n), random.integers(1, 5, n), random.normal(131, 17, n),
               random.normal(246, 50, n), random.integers(0, 2, n), random.integers(0, 3, n), random.normal(149, 22, n),
               random.integers(0, 2, n), random.exponential(1, n), random.integers(1, 4, n)]
    vessels, thal = random.integers(0, 4, n), random.choice([3, 6, 7], n)
    score = noisy(random, hidden(random, *columns, vessels, thal), 0.15)
    cells = [[float(value) for value in numpy.round(column, 1)] for column in columns]
    rows = zip(*cells, some(random, map(float, vessels), 0.01, "?"), some(random, map(float, thal), 0.01, "?"),
               cut(score, [0.54, 0.18, 0.12, 0.12, 0.04]))
    return write(None, rows)


def bank(random, n):
    age, balance, day = random.integers(18, 90, n), random.normal(1300, 2000, n).astype(int), random.integers(1, 32, n)
    seconds, calls, before = random.exponential(260, n).astype(int), random.integers(1, 8, n), random.poisson(0.6, n)
    job = random.choice(["management", "technician", "blue-collar", "retired", "unknown"], n)
    loan, house = random.choice(["yes", "no"], n, p=[0.15, 0.85]), random.choice(["yes", "no"], n)
    past = random.choice(["unknown", "failure", "success"], n, p=[0.8, 0.12, 0.08])
    score = hidden(random, seconds, balance, age, calls) + 1.2 * (past == "success") - 0.4 * (house == "yes")
    taken = noisy(random, score, 0.3)
    answer = numpy.where(taken > numpy.quantile(taken, 0.883), "yes", "no")
    names = ["age", "job", "marital", "education", "default", "balance", "housing", "loan", "contact", "day", "month",
             "duration", "campaign", "pdays", "previous", "poutcome", "y"]
    whole = [column.tolist() for column in [age, balance, day, seconds, calls, before]]
    rows = zip(whole[0], job, random.choice(["married", "single", "divorced"], n),
               random.choice(["primary", "secondary", "tertiary", "unknown"], n), random.choice(["yes", "no"], n, p=[0.02, 0.98]),
               whole[1], house, loan, random.choice(["cellular", "telephone", "unknown"], n), whole[2],
               random.choice(["jan", "may", "jul", "nov"], n), whole[3], whole[4],
               numpy.where(before > 0, random.integers(1, 400, n), -1).tolist(), whole[5], past, answer)
    return write(names, rows, ";", quoted=True)


def wdbc(random, n):
    size, rough = random.normal(0, 1, n), random.normal(0, 1, n)
    scales = [14, 19, 92, 655, 0.096, 0.1, 0.09, 0.05, 0.18, 0.06]
    columns = []
    for part in [1, 0.1, 1.2]:
        for k, scale in enumerate(scales):
            columns.append(scale * part * numpy.exp(0.25 * (size if k % 2 == 0 else rough) + random.normal(0, 0.15, n)))
    ill = noisy(random, size + 0.7 * rough + 0.4 * size * rough, 0.3)
    kind = numpy.where(ill > numpy.quantile(ill, 0.63), "M", "B")
    return write(None, zip(random.integers(8000, 99999999, n), kind, *[rounded(column, 5) for column in columns]))


def auto_mpg(random, n):
    cylinders = random.choice([4, 6, 8], n, p=[0.5, 0.25, 0.25])
    volume, power = cylinders * 40 * random.lognormal(0, 0.15, n), cylinders * 17 * random.lognormal(0, 0.2, n)
    weight, speed = 900 + cylinders * 330 + random.normal(0, 300, n), random.normal(15.5, 2.7, n)
    year, origin = random.integers(70, 83, n), random.integers(1, 4, n)
    mpg = 56 - 0.0075 * weight - 0.05 * power + 0.7 * (year - 76) + 1.5 * (origin - 2) * (year > 76) + random.normal(0, 1.5, n)
    horses = some(random, ["%.1f" % value for value in power], 0.015, "?")
    return "".join(
        '%-7.1f%-4d%-11.1f%-11s%-11s%-7.1f%-4d%d\t"%s model %d"\n' % (
            max(9, mpg[i]), cylinders[i], volume[i], horses[i], "%.0f." % weight[i], speed[i], year[i], origin[i],
            ["ford torino", "datsun pl510", "vw rabbit"][i % 3], i)
        for i in range(n))


def covtype(random, n):
    height, aspect, slope = random.normal(2960, 280, n), random.integers(0, 360, n), random.integers(0, 45, n)
    water, deep, road, fire = (random.exponential(scale, n) for scale in [270, 46, 2300, 2000])
    shade = [random.integers(low, 255, n) for low in [120, 150, 60]]
    area, soil = random.integers(0, 4, n), random.integers(0, 40, n)
    score = 2 * (height - 2960) / 280 + hidden(random, slope, water, road, fire) + 0.5 * (soil % 5 == 0) - 0.4 * (area == 3)
    cover = cut(noisy(random, score, 0.3), [0.035, 0.03, 0.06, 0.365, 0.49, 0.01, 0.01]) + 1
    numbers = [height, aspect, slope, water, deep, road, *shade, fire]
    flags = [area == k for k in range(4)] + [soil == k for k in range(40)]
    return write(None, zip(*[column.astype(int) for column in numbers + flags], cover))


def fraud(random, n):
    parts = random.normal(0, 1, (28, n))
    time, amount = numpy.sort(random.integers(0, 172792, n)), random.lognormal(3, 1.4, n)
    score = noisy(random, hidden(random, *parts[:6]), 0.25)
    found = score > numpy.quantile(score, 0.997)
    parts[:6] += found * 0.5
    names = ["Time"] + ["V%d" % k for k in range(1, 29)] + ["Amount", "Class"]
    rows = zip(time.tolist(), *[rounded(part, 6) for part in parts], rounded(amount, 2), numpy.where(found, "1", "0"))
    return write(names, rows, quoted=True)


def diabetes(random, n):
    columns = [random.poisson(3.8, n), random.normal(121, 30, n), random.normal(69, 19, n), random.normal(20, 16, n),
               random.exponential(80, n), random.normal(32, 7.8, n), random.gamma(2, 0.23, n), random.integers(21, 81, n)]
    ill = noisy(random, hidden(random, columns[1], columns[5], columns[7], columns[6], columns[0]), 0.35)
    for k in [2, 3, 4]:
        columns[k] = numpy.where(random.random(n) < 0.2, 0, numpy.maximum(columns[k], 0))
    digits = [0, 0, 0, 0, 0, 1, 3, 0]
    names = ["Pregnancies", "Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI", "DiabetesPedigreeFunction", "Age",
             "Outcome"]
    rows = zip(*[rounded(column, k) for column, k in zip(columns, digits)], (ill > numpy.quantile(ill, 0.65)).astype(int))
    return write(names, rows)


NONE = ["?"]
HEADLESS = {"header": None}
COLUMNS = ["PassengerId", "Name", "Ticket", "Cabin"]

# name: maker, file, options of tutti train, target and ignored columns for pandas, options of read_csv, rows to train
TABLES = {
    "wine quality": (wine, "winequality.csv", ["--standardize"], "quality", [], {"sep": ";"}),
    "adult": (adult, "adult.data", ["--no-header", "--missing", "class", "--standardize"], 14, [],
              {**HEADLESS, "skipinitialspace": True}),
    "penguins": (penguins, "penguins.csv", ["--targets", "species", "--missing", "mean", "--standardize"], "species", [], {}),
    "titanic": (titanic, "titanic.csv", ["--targets", "Survived", "--ignore", ",".join(COLUMNS), "--missing", "mean",
                                         "--standardize"], "Survived", COLUMNS, {}),
    "abalone": (abalone, "abalone.data", ["--no-header", "--standardize"], 8, [], HEADLESS),
    "heart disease": (heart, "processed.cleveland.data", ["--no-header", "--missing", "drop", "--standardize"], 13, [],
                      {**HEADLESS, "na_values": NONE}),
    "bank marketing": (bank, "bank-full.csv", ["--standardize"], "y", [], {"sep": ";"}),
    "wdbc": (wdbc, "wdbc.data", ["--no-header", "--targets", "2", "--ignore", "1", "--standardize"], 1, [0], HEADLESS),
    "auto-mpg": (auto_mpg, "auto-mpg.data", ["--no-header", "--targets", "1", "--ignore", "9", "--missing", "mean",
                                             "--standardize"], 0, [8],
                 {**HEADLESS, "sep": r"\s+", "na_values": NONE}),
    "covtype": (covtype, "covtype.data", ["--no-header", "--standardize"], 54, [], HEADLESS),
    "credit-card fraud": (fraud, "creditcard.csv", ["--standardize"], "Class", [], {}),
    "diabetes": (diabetes, "diabetes.csv", ["--standardize"], "Outcome", [], {}),
}
REAL = {"abalone", "auto-mpg"}
RARE = "credit-card fraud"
RARE_ROWS = 40000


def tutti(command, *arguments):
    """Returns what a command printed; its refusal ends this script."""
    done = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit("tutti %s: %s" % (" ".join(map(str, arguments)), done.stderr.strip()))
    return done.stdout


def lines_of(text, headless):
    """Returns the line of names, if there is one, and the rows; no cell has a line break."""
    lines = text.splitlines(keepends=True)
    return ("", lines) if headless else (lines[0], lines[1:])


def without(path, target, options, sep):
    """Writes the new rows without their target, as they come in life; a table without names keeps all columns."""
    if options.get("header", 0) is None:
        return path
    table = pandas.read_csv(path, sep=sep, keep_default_na=False, dtype=str)
    bare = path.with_name("bare-" + path.name)
    table.drop(columns=[target]).to_csv(bare, sep=sep, index=False)
    return bare


def sklearn_model(train, target, real):
    features = train.drop(columns=[target])
    words = [name for name in features if features[name].dtype == object]
    numbers = [name for name in features if name not in words]
    coding = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        ("words", make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), words)])
    kind = MLPRegressor if real else MLPClassifier
    model = make_pipeline(coding, kind(LAYERS, max_iter=EPOCHS, batch_size=BATCH, random_state=1))
    # On matrices this small, threads that wait for each other only cost time.
    with threadpool_limits(1):
        return model.fit(features, train[target])


def figures(command, name, seed, folder, workers):
    """Returns the figure of Tutti and of scikit-learn on the new rows; for the rare class recalls too."""
    make, file, options, target, ignored, reading = TABLES[name]
    rows = RARE_ROWS if name == RARE else ROWS
    header, all_rows = lines_of(make(numpy.random.default_rng(seed), 2 * rows), "header" in reading)
    known, new = folder / file, folder / ("new-" + file)
    known.write_text(header + "".join(all_rows[:rows]))
    new.write_text(header + "".join(all_rows[rows:]))
    train, test = (pandas.read_csv(path, **reading).drop(columns=ignored).rename(columns=str) for path in (known, new))
    bare = without(new, target, reading, reading.get("sep", ","))
    target = str(target)
    if "drop" in options:
        train = train.dropna()
    real = name in REAL
    model = sklearn_model(train.sample(frac=TRAIN, random_state=1), target, real)

    def trained(*more):
        run = folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        tutti(command, "train", "--data", known, *options, *more, *workers, "--out", run)
        said = pandas.read_csv(io.StringIO(tutti(command, "predict", "--model-dir", run, "--data", bare)))
        found = said.iloc[:, 0]
        whole = found.notna() & (test.notna().all(axis=1) if "drop" in options else True)
        return found[whole], test[whole]

    found, rest = trained()
    score = r2_score if real else lambda a, b: accuracy_score(a.astype(str), pandas.Series(b).astype(str))
    truth = rest[target]
    ours = score(truth, found if real else found.astype(truth.dtype))
    theirs = score(truth, model.predict(rest.drop(columns=[target])))
    if name != RARE:
        return ours, theirs
    balanced, _ = trained("--class-weights", "balanced")
    return (ours, theirs, 1 - truth.mean(), recall_score(truth, found), recall_score(truth, balanced),
            accuracy_score(truth, balanced), recall_score(truth, model.predict(rest.drop(columns=[target]))))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tutti", default="tutti")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default=",".join(TABLES))
    parser.add_argument("--keep", help="leave the tables in this folder")
    parser.add_argument("--workers", help="of tutti train")
    arguments = parser.parse_args()
    workers = ["--workers", arguments.workers] if arguments.workers else []
    warnings.simplefilter("ignore", ConvergenceWarning)
    print("| table in the form of | `tutti train --data FILE` and | figure | Tutti | scikit-learn | difference, points |")
    print("|---|---|---|---|---|---|")
    rare = []
    for name in arguments.only.split(","):
        found = []
        for seed in range(1, arguments.seeds + 1):
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(arguments.keep or temporary)
                folder.mkdir(exist_ok=True)
                found.append(figures(arguments.tutti, name, seed, folder, workers))
        middle = [statistics.median(column) for column in zip(*found)]
        ours, theirs = middle[:2]
        print("| %s | `%s` | %s | %.3f | %.3f | %+.1f |" % (
            name, " ".join(TABLES[name][2]), "R²" if name in REAL else "accuracy", ours, theirs, 100 * (ours - theirs)),
            flush=True)
        rare = middle if name == RARE else rare
    if rare:
        print("\nOf the class of 0.3 %%: always the other class has accuracy %.4f. A run finds %.2f of the class at accuracy "
              "%.4f; with `--class-weights balanced` %.2f at accuracy %.4f. scikit-learn finds %.2f." % (
                  rare[2], rare[3], rare[0], rare[4], rare[5], rare[6]))


if __name__ == "__main__":
    main()
