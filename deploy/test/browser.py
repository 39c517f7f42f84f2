#!/usr/bin/env python3
"""Opens reports in headless Chromium, by chromedriver's WebDriver protocol, and checks them.

usage: browser.py FOLDER REPORT.html …        FOLDER takes a screenshot of each report

A report must have a strict content security policy, an empty console, ask nothing of the network, and give the
text of every figure: a title, a description and a table of the numbers that a screen reader can reach.
"""

import base64
import json
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

FIGURES = """
return [...document.querySelectorAll('figure')].map(figure => {
  const svg = figure.querySelector('svg');
  const ids = svg ? (svg.getAttribute('aria-labelledby') || '').split(' ').filter(id => id) : [];
  return {
    role: svg ? svg.getAttribute('role') : null,
    texts: ids.map(id => (document.getElementById(id) || {textContent: ''}).textContent.trim()),
    rows: figure.querySelectorAll('table tr').length,
    curves: figure.querySelectorAll('polyline, circle').length,
    untitled: [...figure.querySelectorAll('svg g')].filter(g => !g.querySelector('title')).length,
  };
});
"""
POLICY = """
const meta = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
return meta ? meta.content : '';
"""


def not_run(why):
    print("browser.py: NOT RUN: %s" % why, file=sys.stderr)
    sys.exit(3)


class Browser:
    """A session of chromedriver."""

    def __init__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.address = self.root = None
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.address = "http://127.0.0.1:%d" % int(line.rstrip(". \n").split()[-1])
                break
        if self.address is None:
            not_run("chromedriver did not start")
        options = {
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1100,1600",
                     "--disable-dev-shm-usage", "--force-color-profile=srgb"],
        }
        wanted = {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}
        try:
            session = self.call("POST", "/session", {"capabilities": wanted})["sessionId"]
        except SystemExit as error:
            self.driver.terminate()
            not_run("Chromium does not start here: %s" % str(error)[:300])
        self.root = "/session/" + session

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address + path, data, {"Content-Type": "application/json"}, method=method)
        for _ in range(50):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.load(answer)["value"]
            except urllib.error.HTTPError as error:
                raise SystemExit("browser.py: %s %s: %s" % (method, path, error.read().decode()))
            except urllib.error.URLError:
                time.sleep(0.1)
        raise SystemExit("browser.py: chromedriver does not answer")

    def script(self, text):
        return self.call("POST", self.root + "/execute/sync", {"script": text, "args": []})

    def log(self, kind):
        return self.call("POST", self.root + "/se/log", {"type": kind})

    def close(self):
        if self.root is not None:
            self.call("DELETE", self.root)
        self.driver.terminate()
        self.driver.wait()


def requested(browser):
    """Returns the addresses that the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.log("performance")]
    return [message["params"]["request"]["url"] for message in messages
            if message["method"] == "Network.requestWillBeSent"]


def check(browser, report, folder):
    """Returns what is wrong with a report."""
    wrong = []
    browser.log("performance")
    browser.call("POST", browser.root + "/url", {"url": report.resolve().as_uri()})
    policy = browser.script(POLICY)
    if "default-src 'none'" not in policy:
        wrong.append("its content security policy is \"%s\"" % policy)
    console = browser.log("browser")
    if console:
        wrong.append("its console has %s" % [entry["message"] for entry in console])
    strangers = [url for url in requested(browser) if url != report.resolve().as_uri()]
    if strangers:
        wrong.append("it asks for %s" % strangers)
    figures = browser.script(FIGURES)
    if not figures:
        wrong.append("it has no figure")
    for number, figure in enumerate(figures, 1):
        if figure["role"] != "img" or len(figure["texts"]) != 2 or not all(figure["texts"]):
            wrong.append("figure %d has no title and description: %s" % (number, figure))
        if figure["rows"] < 2 or figure["curves"] < 1 or figure["untitled"]:
            wrong.append("figure %d has no table, no curve or a curve without a name: %s"
                         % (number, figure))
    shot = folder / (report.parent.name + "-" + report.stem + ".png")
    shot.write_bytes(base64.b64decode(browser.call("GET", browser.root + "/screenshot")))
    print("%s: %d figures, %s" % (report, len(figures), shot))
    return wrong


def main():
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        wrong = [(report, line) for report in map(pathlib.Path, sys.argv[2:])
                 for line in check(browser, report, folder)]
    finally:
        browser.close()
    for report, line in wrong:
        print("FAILED: %s: %s" % (report, line), file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()
