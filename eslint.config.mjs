import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["**/*.mjs"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // What goes through all rows in one pass is the most tangled, with 24; nothing else has more than 21.
      complexity: ["error", 24],
      eqeqeq: "error",
      "max-len": ["error", { code: 120 }],
      "no-implicit-globals": ["error", { lexicalBindings: true }],
      "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["memscope/reports/assets/*.mjs"], languageOptions: { globals: globals.browser } },
  { files: ["tests/js/*.mjs"], languageOptions: { globals: globals.node } },
];
