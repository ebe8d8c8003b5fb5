# 先做好安装包，列出里面的每个库（CycloneDX），再放进只带运行环境的小镜像。以普通用户运行，根文件系统可以只读，只写 /data。
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY intents ./intents
COPY scripts_zh ./scripts_zh
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[oidc,postgres]'

FROM build AS bom
RUN python -m venv /installed \
    && /installed/bin/pip install --no-cache-dir --no-index --find-links /wheels 'huashu[oidc,postgres]' \
    && pip install --no-cache-dir 'cyclonedx-bom>=7,<8' \
    && cyclonedx-py environment /installed/bin/python --output-format JSON -o /sbom/huashu.cdx.json

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    --mount=type=bind,from=bom,source=/sbom,target=/sbom \
    install -D -m 644 /sbom/huashu.cdx.json /usr/share/huashu/huashu.cdx.json \
    && pip install --no-cache-dir --no-compile --no-index --find-links /wheels 'huashu[oidc,postgres]' \
    && python -W ignore -m compileall -q /usr/local/lib/python3.12/site-packages \
    && useradd --system --uid 10001 --home-dir /data huashu \
    && install -d -o huashu /data
USER 10001
ENV HUASHU_DATA=/data HUASHU_HOST=0.0.0.0 HUASHU_PORT=8000 HUASHU_CACHE=/data/cache PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=40s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HUASHU_PORT'] + '/healthz', timeout=2)"]
ENTRYPOINT ["huashu"]
CMD ["serve"]
