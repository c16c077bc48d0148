"""A headless browser that is asked, over its debugging protocol, what a page says: in real time, at any width."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ["quic", "gpu", "background-networking", "component-update", "sync"]


def ask(page: Path, script: str, width: int, profile: Path) -> Any:
    """What an expression gives in a page that is loaded without network; a promise is waited for.

    ``act('["Input.dispatchKeyEvent", {…}]')`` in the expression moves the mouse or presses a key as a user does. Fails
    if the page says an error, throws one, or asks for anything beside itself.
    """
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{each}" for each in QUIET)]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", "--remote-debugging-port=0"]
    with subprocess.Popen([*command, "about:blank"], stderr=subprocess.PIPE, text=True) as browser:
        try:
            assert browser.stderr is not None
            found = next(filter(None, (re.search(r"ws://\S+", line) for line in browser.stderr)))
            return asyncio.run(asyncio.wait_for(_ask(found[0], page, script, width), 300))
        finally:
            browser.kill()


async def _ask(address: str, page: Path, script: str, width: int) -> Any:
    connection = await websocket_connect(address, max_message_size=1 << 26)
    try:
        return await _ask_over(connection, page, script, width)
    finally:  # else the socket is found open by whatever test runs when it is collected
        connection.close()
        while await connection.read_message() is not None:
            pass


async def _ask_over(connection: WebSocketClientConnection, page: Path, script: str, width: int) -> Any:
    number, faults = 0, []

    async def write(method: str, session: str | None, parameters: dict) -> int:
        nonlocal number
        number += 1
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        await connection.write_message(json.dumps(message))
        return number

    async def send(method: str, session: str | None = None, **parameters: Any) -> dict:
        asked = await write(method, session, parameters)
        while True:
            answer = json.loads(await connection.read_message())
            assert "error" not in answer, answer
            if answer.get("id") == asked:
                return answer["result"]
            if answer.get("method") == "Runtime.bindingCalled":
                await write(*_with(answer["sessionId"], answer["params"]["payload"]))
            elif _wrong(answer, page):
                faults.append(answer["params"])

    target = (await send("Target.createTarget", url="about:blank"))["targetId"]
    session = (await send("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    await send("Emulation.setDeviceMetricsOverride", session, **size)
    for domain in ("Page", "Runtime", "Log", "Network"):
        await send(f"{domain}.enable", session)
    await send("Runtime.addBinding", session, name="act")
    await send("Page.navigate", session, url=page.as_uri())
    loaded = "document.readyState === 'complete' && location.protocol === 'file:'"
    while not (await send("Runtime.evaluate", session, expression=loaded))["result"].get("value"):
        await asyncio.sleep(0.02)
    found = await send("Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True)
    assert "exceptionDetails" not in found, found["exceptionDetails"]
    assert not faults, json.dumps(faults)[:2000]
    return found["result"]["value"]


def _with(session: str, payload: str) -> tuple[str, str, dict]:
    method, parameters = json.loads(payload)
    return method, session, parameters


def _wrong(event: dict, page: Path) -> bool:
    said = event.get("params", {})
    match event.get("method"):
        case "Runtime.exceptionThrown":
            return True
        case "Runtime.consoleAPICalled":
            return said["type"] in ("error", "warning", "assert")
        case "Log.entryAdded":
            return said["entry"]["level"] == "error"
        case "Network.requestWillBeSent":
            return said["request"]["url"] != page.as_uri() and not said["request"]["url"].startswith(("data:", "blob:"))
    return False
