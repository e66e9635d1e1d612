// The page begins with the data that it holds.

import { sayBroken, show } from "./opening.mjs";
import { byId } from "./tables.mjs";

const data = byId("data").text.trim();
byId("data").remove();
show(data).catch((error) => {
  sayBroken(error);
  throw error;
});
