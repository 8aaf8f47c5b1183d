// Where views stand side by side, as on a telephone, the present one is in sight.
document.querySelector(".views [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
