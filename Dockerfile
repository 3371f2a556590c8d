# One image for the whole program. What it does is its argument: `all` (the default), `api`, `worker`,
# or one of the operator's commands, such as `setup` or `verify`.
FROM node:24.21.0-bookworm-slim AS manifests
WORKDIR /app
# The manifests alone, so that packages are installed again only when one of them changes.
COPY package.json package-lock.json .npmrc ./
COPY apps/admin-web/package.json apps/admin-web/
COPY apps/api/package.json apps/api/
COPY apps/cli/package.json apps/cli/
COPY apps/server/package.json apps/server/
COPY apps/worker/package.json apps/worker/
COPY packages/adapters/package.json packages/adapters/
COPY packages/application/package.json packages/application/
COPY packages/auth/package.json packages/auth/
COPY packages/domain/package.json packages/domain/
COPY packages/emails/package.json packages/emails/
COPY packages/projections/package.json packages/projections/
COPY test/package.json test/

# Node strips the types as it runs: only the web app and the mail templates are built.
FROM manifests AS build
RUN npm ci
COPY . .
RUN npm exec turbo -- run build --output-logs=errors-only

# What runs needs neither tools nor the pages' libraries, nor a second Node beside the image's own.
FROM manifests AS packages
RUN npm ci --omit=dev --workspace=apps/server --workspace=apps/cli && rm -rf node_modules/node-linux-*

FROM node:24.21.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 DAYBOOK_DATA=/data
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/packages packages
COPY --from=build /app/apps apps
COPY deploy/docker/daybook /usr/local/bin/daybook
# Nothing but this folder is written to, and with EventStoreDB and MongoDB nothing is kept in it.
RUN install -d -o node -g node -m 0700 /data
USER node
EXPOSE 4000
ENTRYPOINT ["daybook"]
CMD ["all"]
