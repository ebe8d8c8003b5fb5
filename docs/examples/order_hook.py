"""An order hook to start from: verifies the signature and answers from a dictionary. Needs nothing but Python.

    ORDER_SECRET=whsec_… python order_hook.py 9100

and for 话术助手 HUASHU_ORDER_HOOK=http://127.0.0.1:9100/order, the same HUASHU_ORDER_SECRET, HUASHU_OUTBOUND_ALLOW=127.0.0.1.
Put the look-up in your own system where `ORDERS` is; answer within 1.5 seconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 300
ORDERS = {
    "2026112200000001": {
        "facts": {"订单状态": "已签收", "签收天数": 3, "会员": "VIP"},
        "slots": {
            "订单号": "2026112200000001",
            "款号": "MY2201",
            "商品": "半高领羊毛衫",
            "尺码": "M",
            "颜色": "燕麦色",
        },
    }
}


def is_genuine(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a request was signed with the secret within the last five minutes (Standard Webhooks, v1)."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    wanted = base64.b64encode(digest).decode()
    given = [
        part.partition(",")[2]
        for part in headers.get("webhook-signature", "").split(" ")
        if part.startswith("v1,")
    ]
    return any(hmac.compare_digest(wanted, signature) for signature in given)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("content-length", "0")), 65536))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_genuine(os.environ["ORDER_SECRET"], headers, body):
            self.answer(401, {"found": False})
            return
        question = json.loads(body)
        order = ORDERS.get(question.get("order_no", ""))
        self.answer(200, {"found": True, **order} if order else {"found": False})

    def answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Order numbers stay out of the log."""


def serve(port: int) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 9100).serve_forever()
