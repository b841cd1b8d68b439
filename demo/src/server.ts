// A small shop API, split over files as real servers are. Some endpoints are guarded, some are open on purpose, and some only look guarded.
import { createApp } from './app.js';

createApp().listen(3000);
