// Builds scripts/app.js, what it imports, the service worker and the icons of the installed app:
// hashed names, and a manifest of them. bin/build runs it and moves the result to dist/, so that a server never meets a build that is half done.
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import { appIcons } from "./icons.js";

export default defineConfig({
  root: import.meta.dirname,
  base: "/static/",
  publicDir: false,
  plugins: [tailwindcss(), appIcons()],
  build: {
    outDir: "dist.new",
    manifest: "manifest.json",
    // What Tailwind's styles need anyway; phones of the last four years have it.
    target: ["chrome111", "edge111", "firefox128", "safari16.4"],
    // Fonts and pictures stay files: the content security policy knows no `data:` but for pictures,
    // and a file is cached for itself.
    assetsInlineLimit: 0,
    // Every one of these browsers preloads modules by itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["scripts/app.js", "scripts/worker/worker.js"],
      checks: { eval: false }, // htmx has one, which its setting allowEval and the policy forbid
    },
  },
});
