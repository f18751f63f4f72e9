//! x
use brushaway_e2e::{chrome::*, editor::*, mouse::*, site::Site};
fn main() -> anyhow::Result<()> {
    let site = Site::serve()?;
    let mut fails = 0;
    let mut n = 0;
    for round in 0..4 {
        let chrome =
            Chrome::launch(&Launch { extension: Some(std::env::args().nth(1).unwrap().into()), ..Launch::default() })?;
        for i in 0..12 {
            chrome.tidy()?;
            let page = chrome.open(
                &site.url(["pages/plain.html", "pages/cors.html", "pages/large.html", "pages/no-cors.html"][i % 4]),
            )?;
            chrome.service_worker()?.eval("globalThis.probe ??= (chrome.contextMenus.onClicked.addListener(async (i,t)=>{ const t0=performance.now(); for(let k=0;k<40;k++){ try{ await chrome.scripting.executeScript({target:{tabId:t.id},func:()=>1}); globalThis.plog.push([t.id,t.url,k,performance.now()-t0]); return }catch(e){ await new Promise(r=>setTimeout(r,5)) } } globalThis.plog.push([t.id,t.url,'never']) }), 1); globalThis.plog=[]; 1")?;
            page.inpaint("#photo", Menu::Picture)?;
            let r = brushaway_e2e::wait::until("log", brushaway_e2e::wait::SOON, || {
                let t = chrome.cdp().targets()?;
                if t.iter().any(|t| t.url.contains("closed-page")) {
                    return Ok(Some("closed"));
                }
                if t.iter().any(|t| t.url.contains("overlay.html")) {
                    return Ok(Some("ok"));
                }
                Ok(None)
            })?;
            n += 1;
            println!("{}", chrome.service_worker()?.eval("JSON.stringify(globalThis.plog)")?);
            if r == "closed" {
                fails += 1;
                let sw = chrome.service_worker()?;
                println!("{round} {i} CLOSED {:?}", sw.eval("(async()=>{ const ts=await chrome.tabs.query({}); const out=[]; for(const t of ts){ try{ await chrome.scripting.executeScript({target:{tabId:t.id},func:()=>1}); out.push([t.id,t.url,'ok']) }catch(e){ out.push([t.id,t.url,String(e).slice(0,60)]) } } return JSON.stringify(out) })()"));
            } else {
                let e = Editor::over_page(&chrome)?;
                let s = e.wait_for("x", brushaway_e2e::wait::SOON, |s| s.phase != "opening")?;
                if s.ready() {
                    let _ = e.press("save");
                    std::thread::sleep(std::time::Duration::from_millis(700));
                }
            }
        }
        println!("{round} {fails}/{n}");
    }
    Ok(())
}
