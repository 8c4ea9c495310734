"""The page of ``mlopsc graph --format html`` in a real browser: what a person does with it works.

``MLOPSC_UPDATE_GOLDEN=1`` takes docs/graph.png again; CI refuses to.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from mlopsc.model.values import is_valid
from mlopsc.phases import analyse
from mlopsc.planning.build import build
from mlopsc.planning.page import page

pytestmark = pytest.mark.engine

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1600,1000"),
    "--force-prefers-reduced-motion",  # nothing to wait for
)
HOSTILE = "</script><img src=x onerror=alert(1)>\u202e\"'&"
MANY = """\
version: 1
data:
  orders:
    source: data/orders.csv
    columns: {late: boolean, amount: float, country: string}
models:
"""


@pytest.fixture(scope="module")
def browser(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One headless Chromium with an empty profile."""
    options = webdriver.ChromeOptions()
    options.binary_location = tool("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(tool("chromedriver")))
    yield driver
    driver.quit()


class Page:
    """A page that is open in the browser."""

    def __init__(self, driver: webdriver.Chrome, file: Path) -> None:
        self.driver = driver
        driver.get("about:blank")
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        self.log("browser")
        self.log("performance")
        driver.get(file.as_uri())

    def log(self, kind: str) -> list[dict[str, str]]:
        """What the browser wrote to one of its logs since the last time."""
        entries: list[dict[str, str]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def node(self, identity: str) -> WebElement:
        """The box of an item."""
        found: WebElement = self.driver.execute_script(
            "const items = JSON.parse(document.getElementById('data').textContent).items;"
            "return document.querySelector(`.node[data-n='${items.findIndex((one) => one.id === arguments[0])}']`)",
            identity,
        )
        return found

    def focused(self) -> str:
        """The spoken name of what is in focus."""
        name: str = self.driver.execute_script("return document.activeElement.getAttribute('aria-label') || ''")
        return name

    def press(self, *keys: str) -> None:
        """Keys, one after another, to what is in focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def text(self, identity: str) -> str:
        """The text of an element by its id."""
        return self.driver.find_element("id", identity).text

    def transform(self) -> tuple[float, float, float]:
        """Where the drawing is: across, down, scale."""
        x, y, k = self.driver.execute_script(
            "const m = document.getElementById('world').transform.baseVal.consolidate().matrix; return [m.e, m.f, m.a]"
        )
        return x, y, k

    def shown(self) -> list[str]:
        """The models that are shown."""
        lanes: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll('.lane:not([hidden]) .model title')].map((one) => one.textContent)"
        )
        return lanes

    def colour(self) -> str:
        """The colour of the paper."""
        return self.driver.find_element("tag name", "body").value_of_css_property("background-color")


def written(spec: Path, file: Path) -> Path:
    """The page of a spec as the command writes it."""
    command = [sys.executable, "-m", "mlopsc", "graph", str(spec), "--format", "html"]
    file.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return file


@pytest.fixture(scope="module")
def file(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the flights example."""
    folder = tmp_path_factory.mktemp("page")
    return written(repository / "examples" / "flight-delays" / "mlops.yaml", folder / "graph.html")


@pytest.fixture
def flights(browser: webdriver.Chrome, file: Path) -> Page:
    """The same, open."""
    return Page(browser, file)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a hundred models."""
    folder = tmp_path_factory.mktemp("many")
    lines = [
        f"  model-{number:03}:\n    label: late\n    gates: [{{metric: accuracy, min: 0.{50 + number % 40}}}]\n"
        "    train: {estimator: sklearn.ensemble.RandomForestClassifier}\n"
        for number in range(100)
    ]
    (folder / "mlops.yaml").write_text(MANY + "".join(lines), encoding="utf-8")
    return written(folder / "mlops.yaml", folder / "graph.html")


def test_page_loads_without_an_error_or_a_request(flights: Page) -> None:
    """The console is empty, and the only thing that was loaded is the file itself."""
    flights.node("late-arrival/train").click()
    assert flights.log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in flights.log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith(("file:", "data:", "about:"))} == set()
    assert {url for url in asked if url.startswith("file:")} == {flights.driver.current_url.partition("#")[0]}


def test_click_shows_the_lines_of_the_spec(flights: Page, repository: Path) -> None:
    """The panel of a gate has its own line with its number, and the command; the address names it."""
    flights.node("late-arrival/gate/2").click()
    rows = flights.driver.find_elements("css selector", "#panel .yaml div:not(.around)")
    written_lines = (repository / "examples/flight-delays/mlops.yaml").read_text(encoding="utf-8").splitlines()
    [row] = rows
    assert row.text.strip() == "- {metric: average_precision, vs: champion, min_delta: -0.005, without_champion: pass}"
    assert row.text.strip() == written_lines[int(row.get_attribute("data-line") or 0) - 1].strip()
    assert flights.driver.find_element("css selector", "#panel .command code").text == (
        "python -m mlops late-arrival gate"
    )
    assert flights.driver.current_url.endswith("#late-arrival%2Fgate%2F2")


def test_panel_shows_files_inputs_and_what_starts_it(flights: Page) -> None:
    """The first step names the data, the schedule, the monitors that start it again, and the workflow."""
    flights.node("late-arrival/ingest").click()
    text = flights.text("panel")
    for said in (
        "data/flights.parquet",
        ".mlops/work/late-arrival/ingest",
        "Mondays 02:00 UTC, cron 0 2 * * 1",
        "a breach of the monitor drift",
        ".github/workflows/flight-delays-train.yml",
    ):
        assert said in text


def test_keys_move_along_the_arrows(flights: Page) -> None:
    """Right and left follow the pipeline, down goes to the gates, Enter opens, Esc closes and keeps the place."""
    flights.driver.execute_script("arguments[0].focus()", flights.node("late-arrival/evaluate"))
    flights.press(Keys.ARROW_RIGHT)
    assert flights.focused() == "step gate"
    flights.press(Keys.ARROW_DOWN)
    assert flights.focused() == "gate roc_auc ≥ 0.75"
    flights.press(Keys.ARROW_UP, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert flights.focused() == "step train"
    flights.press(Keys.ENTER)
    assert flights.driver.find_element("css selector", "#panel h2").text == "train"
    flights.press(Keys.ESCAPE)
    assert not flights.driver.find_element("id", "panel").is_displayed()
    assert flights.focused() == "step train"
    flights.press(Keys.TAB)
    assert flights.focused() == "step evaluate"


def test_keys_follow_the_arrow_that_leads_back(flights: Page) -> None:
    """From a monitor that starts training again, right is the first step."""
    flights.driver.execute_script("arguments[0].focus()", flights.node("late-arrival/monitor/drift"))
    flights.press(Keys.ARROW_RIGHT)
    assert flights.focused() == "step ingest"


def test_every_box_can_be_reached_by_tab(flights: Page) -> None:
    """Each has a role, a name and a place in the order, and shows that it is in focus."""
    nodes = flights.driver.find_elements("css selector", ".node[data-n]")
    assert {node.get_attribute("role") for node in nodes} == {"button"}
    assert {node.get_attribute("tabindex") for node in nodes} == {"0"}
    assert all(node.get_attribute("aria-label") for node in nodes)
    flights.driver.find_element("id", "ask").click()
    flights.press(Keys.ESCAPE)
    flights.press(Keys.TAB)  # the fold button of the lane
    flights.press(Keys.TAB, Keys.TAB)
    width = flights.driver.execute_script(
        "return getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth"
    )
    assert width == "3px"


def test_zoom_keeps_what_is_under_the_pointer(flights: Page) -> None:
    """The wheel zooms at the pointer: the point below it stays where it is; keys and the button go back."""
    before = flights.transform()
    stage = flights.driver.find_element("id", "stage")
    box = stage.rect
    flights.driver.execute_script(
        "arguments[0].dispatchEvent(new WheelEvent('wheel', {deltaY: -120, clientX: arguments[1],"
        " clientY: arguments[2], bubbles: true, cancelable: true}))",
        *(stage, box["x"] + 300, box["y"] + 200),
    )
    x, y, k = flights.transform()
    assert k > before[2] * 1.15
    assert (300 - before[0]) / before[2] == pytest.approx((300 - x) / k, abs=0.2)
    assert (200 - before[1]) / before[2] == pytest.approx((200 - y) / k, abs=0.2)
    flights.press("-", "-")
    assert flights.transform()[2] < k
    flights.driver.find_element("id", "fit").click()
    assert flights.transform() == pytest.approx(before, abs=0.5)


def test_drag_and_two_fingers_move(flights: Page) -> None:
    """Dragging moves by the same way; a scrolling pad, which says small steps, moves too."""
    x, y, k = flights.transform()
    stage = flights.driver.find_element("id", "stage")
    ActionChains(flights.driver).move_to_element_with_offset(stage, -500, -200).click_and_hold().move_by_offset(
        60, 40
    ).release().perform()
    assert flights.transform() == pytest.approx((x + 60, y + 40, k), abs=1)
    flights.driver.execute_script(
        "arguments[0].dispatchEvent(new WheelEvent('wheel', {deltaX: 12, deltaY: 7, bubbles: true, cancelable: true}))",
        stage,
    )
    assert flights.transform() == pytest.approx((x + 48, y + 33, k), abs=1)


def test_dark_and_light(flights: Page) -> None:
    """The page follows the system, and the button overrules it."""
    devtools = flights.driver.execute_cdp_cmd
    colours = {}
    for scheme in ("light", "dark"):
        devtools("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        colours[scheme] = flights.colour()
    assert colours == {"light": "rgba(246, 247, 249, 1)", "dark": "rgba(14, 20, 27, 1)"}
    flights.driver.find_element("id", "theme").click()
    assert flights.colour() == colours["light"]
    flights.driver.execute_script("localStorage.clear()")
    devtools("Emulation.setEmulatedMedia", {"features": []})


def test_search_filters_a_hundred_models(browser: webdriver.Chrome, many: Path) -> None:
    """A hundred models are cards; a search leaves those that match, and Enter opens the match."""
    opened = Page(browser, many)
    assert len(opened.shown()) == 100
    assert len(browser.find_elements("css selector", ".lane.folded")) == 100
    opened.press("/", "model-042")
    assert opened.shown() == ["model-042"]
    assert "in 1 of 100 models" in opened.text("found")
    opened.press(Keys.ENTER)
    assert browser.find_element("css selector", "#panel h2").text == "model-042"
    browser.find_element("id", "query").send_keys(Keys.ESCAPE)
    assert len(opened.shown()) == 100
    opened.press("/", "no such thing")
    assert opened.shown() == []
    assert browser.find_element("id", "nothing").is_displayed()


def test_fold_and_unfold(browser: webdriver.Chrome, many: Path) -> None:
    """A folded model takes no part in the order of the keys; a link into it unfolds it."""
    opened = Page(browser, many)
    fold = browser.find_element("css selector", ".fold")
    assert fold.get_attribute("aria-expanded") == "false"
    assert not opened.node("model-000/train").is_displayed()
    browser.execute_script("arguments[0].focus()", fold)
    opened.press(Keys.ENTER)
    assert fold.get_attribute("aria-expanded") == "true"
    assert opened.node("model-000/train").is_displayed()
    browser.execute_script("location.hash = 'model-007/gate'")
    WebDriverWait(browser, 10).until(lambda _: opened.node("model-007/gate").is_displayed())
    assert opened.focused() == "step gate"


def test_address_opens_its_box(browser: webdriver.Chrome, file: Path) -> None:
    """A link to a box opens the page with that box open; one to nothing opens the page."""
    browser.get("about:blank")
    browser.get(f"{file.as_uri()}#late-arrival%2Fmonitor%2Fshape")
    assert browser.find_element("css selector", "#panel h2").text == "shape"
    browser.get("about:blank")
    browser.get(f"{file.as_uri()}#%E0%A4%A")
    assert not browser.find_element("id", "panel").is_displayed()


def test_help_lists_the_keys(flights: Page) -> None:
    """A question mark opens the keys, Esc closes them."""
    flights.press("?")
    assert "against and along an arrow" in flights.text("help")
    flights.press(Keys.ESCAPE)
    assert not flights.driver.find_element("id", "help").is_displayed()


def test_print_shows_the_drawing_alone(flights: Page) -> None:
    """On paper there are no buttons, the whole drawing is on it, and what is open follows on pages of its own."""
    flights.node("late-arrival/monitor/drift").click()
    pdf = base64.b64decode(flights.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert len(re.findall(rb"/Type /Page\b", pdf)) in {2, 3}
    flights.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    flights.driver.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not flights.driver.find_element("css selector", ".tools").is_displayed()
    assert str(flights.driver.find_element("id", "stage").get_dom_attribute("viewBox")).startswith("0 0 ")
    flights.driver.execute_script("dispatchEvent(new Event('afterprint'))")
    flights.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_hostile_names_are_shown_as_text(browser: webdriver.Chrome, repository: Path, tmp_path: Path) -> None:
    """Markup in names, descriptions and lines of the spec runs nowhere, and reads as it was written."""
    analysis = analyse(repository / "examples" / "penguins" / "mlops.yaml")
    assert analysis.project is not None
    [model] = [one for one in analysis.project.models.values() if is_valid(one)]
    renamed = replace(model, spec=replace(model.spec, name=HOSTILE, description=HOSTILE))
    project = replace(analysis.project, models={HOSTILE: renamed})
    sources = replace(
        analysis.sources,
        files={
            name: replace(one, text=one.text.replace("species", HOSTILE))
            for name, one in analysis.sources.files.items()
        },
    )
    (tmp_path / "graph.html").write_text(page(build(project), project, sources), encoding="utf-8")
    opened = Page(browser, tmp_path / "graph.html")
    assert opened.shown() == [HOSTILE]
    opened.node(HOSTILE).click()
    assert browser.find_element("css selector", "#panel h2").get_property("textContent") == HOSTILE
    lines = browser.find_elements("css selector", "#panel .yaml div")
    assert any(f"label: {HOSTILE}" in str(line.get_property("textContent")) for line in lines)
    assert browser.find_elements("tag name", "img") == []
    assert opened.log("browser") == []


def test_picture_of_the_docs(flights: Page, repository: Path) -> None:
    """docs/graph.png is a picture of this page, light enough for a README."""
    kept = repository / "docs" / "graph.png"
    if os.environ.get("MLOPSC_UPDATE_GOLDEN") == "1":
        if os.environ.get("CI"):
            pytest.fail("golden files are reviewed, so CI does not write them")
        flights.node("late-arrival/monitor/drift").click()
        flights.driver.find_element("id", "fit").click()
        kept.write_bytes(flights.driver.get_screenshot_as_png())
    shot = kept.read_bytes()
    assert shot.startswith(b"\x89PNG")
    assert 20_000 < len(shot) < 300_000
