"use strict";
setInterval(() => postMessage(0), 1000);
