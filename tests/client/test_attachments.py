"""Attachments of comments, with both clients and both transports."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from hub_typed import HfHubHTTPError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100_000)


def test_an_attachment_is_uploaded_for_a_comment(play, tmp_path):
    picture = tmp_path / "after.PNG"
    picture.write_bytes(PNG)

    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        url = await api.upload_attachment(picture)
        made = await api.create_discussion(repo, "A picture", description=f"![after]({url})")
        assert url in (await api.get_discussion_details(repo, made.num)).events[0].content
        media_type, content = side.hub.hub._attachments.read(urlsplit(url).path.rpartition("/")[2])
        assert (media_type, content) == ("image/png", PNG)
        assert await api.upload_attachment(str(picture)) != url

    play(scenario)


def test_an_attachment_that_the_hub_does_not_accept(play, tmp_path):
    (tmp_path / "text.txt").write_text("a text")
    (tmp_path / "large.gif").write_bytes(bytes(10_000_000))
    (tmp_path / "small.webm").write_bytes(bytes(10_000_000))
    (tmp_path / "tiny.png").write_bytes(b"PNG")

    async def scenario(side):
        with pytest.raises(ValueError, match=r"text\.txt' cannot be uploaded: the Hub accepts files with \.gif, "):
            await side.api.upload_attachment(tmp_path / "text.txt")
        with pytest.raises(FileNotFoundError):
            await side.api.upload_attachment(tmp_path / "none.png")
        with pytest.raises(HfHubHTTPError, match=r"413(.|\n)*smaller than 10 MB"):
            await side.api.upload_attachment(tmp_path / "large.gif")
        assert await side.api.upload_attachment(tmp_path / "small.webm")
        for token in (False, side.hub.read_token):
            with pytest.raises(HfHubHTTPError, match=r"40[13]"):
                await side.api.upload_attachment(tmp_path / "tiny.png", token=token)

    play(scenario)
