# The dashboard, the commands and the systems in one image of about 10 GB.
FROM python:3.11-slim

# OpenCV's and ultralytics' shared libraries
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /overlook
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

# compiled code is kept apart from the sources, which the account cannot write into
ENV NUMBA_CACHE_DIR=/var/cache/overlook
RUN useradd --create-home overlook \
    && mkdir -p "$NUMBA_CACHE_DIR" \
    && chown overlook results "$NUMBA_CACHE_DIR"
USER overlook

EXPOSE 8501
# inside the container everybody is outside; compose.yaml publishes the port to this machine alone
CMD ["streamlit", "run", "Home.py", "--server.port", "8501", "--server.address", "0.0.0.0"]
