import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a server; it answers what is not the console's.
const server = process.env.PLIMSOLL_SERVER ?? "http://127.0.0.1:8080";
const answered = Object.fromEntries(
  ["/api", "/v2", "/service", "/healthz", "/readyz"].map((path) => [path, { target: server }]),
);

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: answered },
  preview: { proxy: answered },
  build: {
    target: "es2022",
    // No inlined files: the policy of the server allows no data addresses in styles or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every page needs changes seldom; a cache keeps it over releases.
        codeSplitting: {
          groups: [
            {
              name: "react",
              test: /node_modules[\\/](react|react-dom|react-router|scheduler|@tanstack)[\\/]/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    css: false,
  },
});
