"""The retrieval demo in a subprocess, and a headless Chromium that knows no host but this one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# WebDriver's codes.
TAB, ENTER, DOWN, SPACE = "\ue004", "\ue007", "\ue015", "\ue00d"
PATIENCE = 300  # seconds; a laptop that has nothing else to do needs a few
FLAGS = """--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1000,1000"""
ALL = "[...document.querySelectorAll(arguments[0])]"
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"


def missing() -> str | None:
    """Say what the tests lack; None if all is there."""
    if not space_python().is_file():
        return f"no {space_python()}; run: make venv-space"
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        return "no chromium and chromedriver (Debian: chromium, chromium-driver)"
    return None


def space_python() -> Path:
    """The Python that has what the app's requirements name."""
    beside = Path(__file__).resolve().parents[2] / ".venv-space" / "bin" / "python"
    return Path(os.environ.get("SPACE_PYTHON", beside))


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[str]:
    """Run a staged Space; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder.parent / "uploads"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        app = subprocess.Popen(
            [space_python(), "app.py"], cwd=folder, env=environment, stdout=output, stderr=output
        )
        try:
            _until(lambda: app.poll() is not None or _answers(address), log)
            assert app.poll() is None, log.read_text("utf-8")
            yield address
        finally:
            app.terminate()
            app.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


def _until(condition: Callable[[], Any], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.2)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser that finds no host but 127.0.0.1, and keeps its console and its requests."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in [*FLAGS.split(), OFFLINE]:
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The open page, and the few things the tests do with it."""

    def __init__(self, driver: Any, address: str, width: int = 1000, height: int = 1000) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver = driver
        for log in ("browser", "performance"):
            driver.get_log(log)
        driver.get(address)
        self.wait("#query textarea[dir=auto]")
        self.wait("#maps figure svg")

    def all(self, css: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", css))

    def texts(self, css: str) -> list[str]:
        # In one round trip: the map has hundreds of elements, and a busy machine is slow.
        return list(self.script(f"{ALL}.map(e => e.innerText.trim())", css))

    def count(self, css: str) -> int:
        return int(self.script(f"{ALL}.length", css))

    def boxes(self, css: str) -> list[dict[str, float]]:
        return list(self.script(f"{ALL}.map(e => e.getBoundingClientRect().toJSON())", css))

    def script(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(f"return {code}", *arguments)

    def style(self, css: str, name: str) -> list[str]:
        return list(self.script(f"{ALL}.map(e => getComputedStyle(e).{name})", css))

    def until(self, condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < end, self.script("document.body.innerText")
            time.sleep(0.1)
        return found

    def wait(self, css: str) -> str:
        """Wait until an element is visible; returns its text."""
        visible = f"{ALL}.filter(e => e.checkVisibility()).map(e => e.textContent + ' ')"
        return str(self.until(lambda: self.script(visible, css))[0])

    def keys(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def paste(self, text: str) -> None:
        """Put a text in at once, wherever the focus is."""
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def tab_to(self, css: str) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(40):
            if self.script("document.activeElement?.matches(arguments[0])", css):
                return
            self.keys(TAB)
        raise AssertionError(f"Tab never reaches {css}")

    def ask(self, text: str) -> None:
        """Type a query with the keyboard alone, and wait for its own answer."""
        self.tab_to("#query textarea")
        self.keys(text, ENTER)
        self.until(lambda: text in "".join(self.texts("#hits .query .text")))

    def foreign(self) -> list[str]:
        """Requests to any other host."""
        messages = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        urls = [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
        assert urls, "the log of requests is empty"
        hosts = [(urlsplit(url).hostname, url) for url in urls if not url.startswith("data:")]
        return [url for host, url in hosts if host != "127.0.0.1"]

    def errors(self) -> list[str]:
        """Errors of the console; Gradio's own upload of a file always leaves a warning there."""
        log = self.driver.get_log("browser")
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]
