"""接话术助手的通用接口：发一条顾客消息，打印建议；再收它发来的消息。只用 Python 标准库。

huashu channel add generic 自家商城 --data data 会打印 path 和 secret，然后：
  python webhook.py send 'http://127.0.0.1:8000/hooks/generic/自家商城' whsec_… '毛衣洗一次就缩水了'
  python webhook.py listen 9000 whsec_…        渠道的「往外发的网址」填 http://这台电脑:9000/
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def send(address: str, secret: str, text: str, place: str = "c-1001") -> dict:
    data = {"conversation_id": place, "message_id": uuid.uuid4().hex, "role": "customer", "text": text}
    now, delivery = str(int(time.time())), uuid.uuid4().hex  # 没收到 2xx 就用同一个编号再发，不会存两次
    body = json.dumps({"type": "message.created", "timestamp": now, "data": data}).encode()
    signature = sign(secret, delivery, now, body)
    headers = {"webhook-id": delivery, "webhook-timestamp": now, "webhook-signature": signature}
    url = urllib.parse.quote(address, safe=":/%") + "?answer=1"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.code} {json.load(error)['detail']}")


class Listener(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        timestamp = self.headers["webhook-timestamp"]
        good = sign(sys.argv[3], self.headers["webhook-id"], timestamp, body)
        signed = any(hmac.compare_digest(good, one) for one in self.headers["webhook-signature"].split(" "))
        accepted = signed and abs(time.time() - int(timestamp)) < 300
        self.send_response(204 if accepted else 401)
        self.end_headers()
        if accepted:  # reply.send：客服在面板里点了「发送」，在这里把 data.text 发给顾客
            print(json.dumps(json.loads(body), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"] and len(sys.argv) > 4:
        answer = send(*sys.argv[2:])["answer"]
        for suggestion in answer["suggestions"] if answer else ():  # 太忙时 answer 是空的，建议随后由事件送来
            print("·", suggestion["text"])
    elif sys.argv[1:2] == ["listen"] and len(sys.argv) == 4:
        HTTPServer(("", int(sys.argv[2])), Listener).serve_forever()
    else:
        sys.exit(__doc__)
