// Everything works without this file; it adds keys, a running sum, charts and small comforts.
import "./chart.js";
import "./comforts.js";
import "./draft.js";
import "./keys.js";
import "./passkey.js";
import "./session.js";
import "./sum.js";
import "./take.js";
import "./typed.js";
import "./walk.js";
