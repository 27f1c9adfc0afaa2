# syntax=docker/dockerfile:1
# The image of alo-relay. docs/deployment.md says how to build and run it.

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node --run build && find dist -name '*.map' -delete

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="alo-relay" \
      org.opencontainers.image.description="Relays ALO and Allo webhooks to Slack" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# Everything is bundled: there is nothing to install.
COPY --from=build /src/package.json /src/LICENSE ./
COPY --from=build /src/dist ./dist
COPY --from=build /src/templates ./templates
# A volume that is mounted here for the first time takes over the owner.
RUN mkdir /data && chown 10001:10001 /data
USER 10001:10001
ENV NODE_ENV=production ALO_RELAY_CONFIG=/config/config.yaml
VOLUME /data
EXPOSE 3000 3001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve"]
